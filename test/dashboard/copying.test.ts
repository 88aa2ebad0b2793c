/** What is copied to an origin on which nothing of Postern may run: put in place, told of, enforced, proved and taken out again. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser } from './browser.ts';
import { type DebianMachine, needsDebian, startDebianMachine } from './debian-machine.ts';

const BUNDLE = '/etc/postern/postern-example.test-bundle.pem';

describe('the files copied, and no command of Postern', needsDebian('chromium', 'curl', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
    await postern.call('PATCH', `/zones/${zone.id}/settings/ssl`, { value: 'full' });
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('nginx alone tests and loads, nobody reports, and it is locked, proved and taken out without a token', async () => {
    await using machine = await startDebianMachine('nginx');
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await begin(page, machine);
    await page.getByText('One command of Postern tells who comes: it can be left out.').waitFor();
    await screenshot(page, 'copying-server');
    await page.getByLabel('Copy the files').check();
    await page.getByRole('button', { name: 'Make the configuration' }).click();
    const files = page.locator('.setup-command', { hasText: 'Paste this into a shell of root' }).first();
    const written = (await typed(machine, await copied(page, 'All at once'))).matchAll(/^wrote (.+)$/gm);
    for (const [, path = ''] of written)
      assert.match(await files.locator('p', { hasText: 'It writes' }).innerText(), new RegExp(path));
    await typed(machine, inFrontOfLocations(await copied(page, 'Lines for the virtual host')));
    await page.getByText('The block below edits the file that this line includes, and no other').waitFor();
    await page.getByText('No command of Postern may run there').click();
    await page.getByText('It needs no token.').waitFor();
    const elsewhere = await copied(page, 'Tell who comes, from another machine');
    assert.match(elsewhere, /^ssh ORIGIN tail -n 0 -F \/\S+ \| postern origin watch-report .* --log -$/);
    await mustBeAccessible(page);
    await screenshot(page, 'copying-no-command');
    const load = await copied(page, 'Test and load it, and no more');
    assert.doesNotMatch(load, /watch-report/);
    assert.match(await typed(machine, load), /^Loaded\.$/m);
    assert.equal(await answers(machine), 'answered 200');
    const others = await typed(machine, await copied(page, 'Who came, without the looks of Postern'));
    assert.match(others, /verify="NONE"/);
    assert.doesNotMatch(others, /agent="Postern-Attestation"/);

    await page.getByRole('button', { name: 'Look at it: Enforce' }).click();
    await page.getByRole('button', { name: 'Enforce all the same' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Enforce/ })
      .click();
    await page.getByText('In another terminal, or in the same one after Ctrl-C').waitFor();
    await page.getByText('/etc/nginx/conf.d/unknown-names-www.example.test.conf').first().waitFor();
    await goesOnAbove(page);
    await mustBeAccessible(page);
    await screenshot(page, 'copying-enforce');
    await typed(machine, await copied(page, 'All at once'));
    await until('strangers are refused', async () => (await answers(machine)) !== 'answered 200');
    // Nothing is pressed: looks by themselves come every hour here, but for those that follow a decision.
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    await until('it is said before the matrix', async () => {
      const told = (await page.locator('main').innerText()).toLowerCase();
      const [duty, matrix] = [told.indexOf('keep it so:'), told.indexOf('shown to the origin')];
      return duty >= 0 && duty < matrix;
    });
    await page.getByText('What a look leaves in the logs of the origin').click();
    await page.getByText('Postern-Attestation').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'copying-proved');
    await page.getByRole('link', { name: 'What now' }).click();
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    const left = await typed(
      machine,
      'cd /var/log/nginx; grep -c Postern-Attestation access.log; grep -c crit error.log',
    );
    const [lines = 0, alarms = 0] = left.trim().split('\n').map(Number);
    assert.ok(lines >= 40 && lines <= 160, `some 50 for a look, and one or two were made: ${lines}`);
    assert.ok(alarms >= 1 && alarms <= 8, `${alarms} lines that say [crit]`);
    await page.setViewportSize({ width: 390, height: 800 });
    await mustFit(page);

    const said = await typed(machine, await copied(page, 'Take the lock out'));
    assert.match(said, new RegExp(`^removed ${BUNDLE}$`, 'm'));
    assert.match(said, /^left, a copy of before: /m);
    await until('everybody is let in again', async () => (await answers(machine)) === 'answered 200');
    await mustCount(page.getByRole('alert'), 0);
    assert.deepEqual(complaints, []);
  });
});

async function begin(page: Page, { port }: DebianMachine): Promise<void> {
  await page.getByText('Other names of the same site come in the next step.').waitFor();
  await page.getByLabel('Hostname').fill('www.example.test');
  await page.getByLabel('Address of the origin').fill('127.0.0.1');
  await page.getByLabel('HTTPS port of the origin').fill(String(port));
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByLabel('Server', { exact: true }).selectOption('nginx');
}

/** What is to be done after pasting stands above what is pasted. */
async function goesOnAbove(page: Page): Promise<void> {
  const above = page.locator('.setup-look');
  await above.getByText('Put this in place: Postern looks every few seconds by itself').waitFor();
  await above.getByRole('button', { name: 'Look at the lock now', exact: true }).waitFor();
  const { bottom, top } = {
    bottom: await above.boundingBox(),
    top: await page.getByRole('region', { name: 'All at once', exact: true }).boundingBox(),
  };
  assert.ok(bottom !== null && top !== null && bottom.y + bottom.height <= top.y, 'it stands below the block');
}

function inFrontOfLocations(line: string): string {
  return `sed -i 's|^\tlocation|\t${line}\\n&|' /etc/nginx/sites-available/www`;
}

async function answers({ port, host }: DebianMachine): Promise<string> {
  const outcome = await knock({ port, sni: host });
  return outcome.kind === 'answered' ? `answered ${outcome.status}` : outcome.kind;
}

function copied(page: Page, label: string): Promise<string> {
  return page.getByRole('region', { name: label, exact: true }).locator('code').innerText();
}

async function typed(machine: DebianMachine, line: string): Promise<string> {
  const ended = await machine.type(line);
  assert.equal(ended.code, 0, `${line}\n${ended.stdout}${ended.stderr}`);
  return `${ended.stdout}${ended.stderr}`;
}
