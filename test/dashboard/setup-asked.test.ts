import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser } from './browser.ts';
import { type DebianMachine, needsDebian, startDebianMachine } from './debian-machine.ts';
import type { Attended } from './terminal.ts';
import { visitByButton } from './visit-by-button.ts';

describe('Enforce while the command that watches still runs', needsDebian('chromium', 'curl', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
    // The site has a certificate that it signed itself.
    await postern.call('PATCH', `/zones/${zone.id}/settings/ssl`, { value: 'full' });
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('its terminal asks, a yes there enforces, the page proves it by itself, and nothing more is copied', async () => {
    await using machine = await startDebianMachine('nginx');
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await configured(page, { machine, edge: postern.https });
    const command = machine.attend(await copied(page, 'Install command'));
    await asks(command, 'Go on? [y/N]');
    command.answer('y\n');
    await asks(command, 'Once you decide to enforce in the dashboard, you are asked here.');
    await until('the visit is counted', async () => {
      await visitByButton(page);
      return page.getByRole('button', { name: 'Enforce', exact: true }).isVisible();
    });
    await page
      .getByText(/^Nothing changes at the origin yet: your terminal on .* shows what would, and asks\.$/)
      .waitFor();
    // What only the page knows stays.
    await page.locator('.consequences').getByText('Watched briefly', { exact: false }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-to-be-asked');
    assert.equal(await answers(machine), 'answered 200');

    await page.getByRole('button', { name: 'Enforce', exact: true }).click();
    await page.getByRole('heading', { name: 'On the origin: answer in the terminal' }).waitFor();
    await page.getByRole('region', { name: 'Install command' }).waitFor({ state: 'hidden' });
    await asks(command, 'Go on? [y/N]');
    assert.equal(await answers(machine), 'answered 200', 'nothing is done before the answer');
    // The terminal says what each answer does: the page does not say it again.
    await page.getByText(/^The command in your terminal on .* shows what changes there, and asks you now/).waitFor();
    await mustCount(page.getByText('does nothing.'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'setup-asked');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 800 });
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'setup-asked-narrow-dark');
    command.answer('y\n');
    assert.equal(await command.ended, 0, command.screen());
    assert.match(command.screen(), /Installed and proved\. Undo: postern origin uninstall www\.example\.test\r?\n/);
    assert.equal(await answers(machine), 'refused');
    // It is looked at by itself.
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    // It ended by itself: nobody is told to end it.
    await mustCount(page.getByText('Where a command at the origin still tells who comes'), 0);
    await page.getByRole('button', { name: 'Finish' }).waitFor();
    await mustCount(page.getByText(/Leave (for now|at any time)/), 0);
    await screenshot(page, 'setup-asked-proved');
    assert.deepEqual(complaints, []);
  });
});

interface Origin {
  readonly machine: DebianMachine;
  /** Port of the edge. */
  readonly edge: number;
}

/** The steps up to the command that installs. */
async function configured(page: Page, { machine, edge }: Origin): Promise<void> {
  await page.getByLabel('Zone').fill('example.test');
  await page.getByLabel('Hostname').fill('www');
  await page.getByLabel('Address of the origin').fill('127.0.0.1');
  await page.getByLabel('HTTPS port of the origin').fill(String(machine.port));
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByLabel('Server', { exact: true }).selectOption('nginx');
  await page.getByRole('button', { name: 'Make the configuration' }).click();
  await page.getByLabel('Where the edge answers').fill(`127.0.0.1:${edge}`);
  await page.getByRole('button', { name: 'Make a token for this origin' }).click();
  machine.remember(await copied(page, 'Token for the terminal on the origin'));
}

/** What a copy button would put into the clipboard. */
function copied(page: Page, label: string): Promise<string> {
  return page.getByRole('region', { name: label }).locator('code').innerText();
}

/** Waits until it shows that, behind what was answered before. */
async function asks(command: Attended, question: string): Promise<void> {
  const seen = LOOKED.get(command) ?? 0;
  const at = await until(question, async () => {
    const found = command.screen().indexOf(question, seen);
    return found === -1 ? null : found;
  });
  LOOKED.set(command, at + question.length);
}

const LOOKED = new WeakMap<Attended, number>();

/** What somebody who has no certificate gets. */
async function answers({ port, host }: DebianMachine): Promise<string> {
  const outcome = await knock({ port, sni: host });
  return outcome.kind === 'answered' && outcome.status === 200 ? 'answered 200' : 'refused';
}
