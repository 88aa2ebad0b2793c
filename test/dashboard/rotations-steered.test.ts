import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { lockedOrigins, type Origins } from '../scenarios/four-origins.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';

const HOST = 'nginx.steered.test';
/** Edges look once a second or so, on a machine that has other work. */
const PATIENT = { timeout: 60_000 };

describe('rotations of roots, steered by clicks', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let origins: Origins;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    origins = await lockedOrigins(postern, {
      name: 'steered.test',
      authority: await serverAuthority(),
      servers: ['nginx'],
    });
  });
  after(async () => {
    await browser?.close();
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  /** What a visitor gets through the edge. */
  const visit = async () => {
    const outcome = await knock({ port: postern.https, sni: HOST });
    return outcome.kind === 'answered' ? outcome.status : 0;
  };
  const ended = (page: Page, how: string) => page.getByText(how, { exact: true }).waitFor(PATIENT);

  test('a forced switch needs a reason, keeps it, and is undone', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/steered.test/rotations');
    await begin(page);
    await page.getByRole('button', { name: `Switch without proof: ${HOST}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('the origin cannot be looked at');
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-force-reason-dark');
    await dialog.getByRole('button', { name: 'Switch without proof' }).click();
    await page.getByText('the origin cannot be looked at').first().waitFor(PATIENT);
    await until('visitors meet what was said', async () => (await visit()) !== 200);
    await screenshot(page, 'rotation-forced-dark');
    await page.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByLabel('Reason').fill('it refused');
    await dialog.getByRole('button', { name: 'Undo it' }).click();
    await ended(page, 'Undone');
    await until('visitors are served again', async () => (await visit()) === 200);
    assert.deepEqual(complaints, []);
  });

  test('a root is exchanged to its end: held, paused, resumed, installed at the origin, confirmed', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/steered.test/rotations');
    await begin(page);
    await steer(page, 'Pause', 'Pause it');
    await page.getByText('Paused', { exact: true }).first().waitFor();
    await steer(page, 'Resume', 'Resume it');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await origins.named('nginx').update();
    await page.getByText('1 of 1 origin shows the new certificate').waitFor(PATIENT);
    assert.equal(await visit(), 200);
    await installedUntil(page, 'Done');
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-root-done');
    assert.equal(await visit(), 200);
    assert.deepEqual(complaints, []);
  });

  test('an emergency that revokes first is the outage that it says, until the origin has the new bundle', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/steered.test/rotations');
    const form = page.getByRole('region', { name: /^Emergency/ });
    await form.getByLabel('How', { exact: true }).selectOption('revoke_first');
    await form.getByLabel('What has happened').fill('the key was copied');
    await form.getByText('This is an outage.').waitFor();
    await form.getByRole('button', { name: 'Revoke and begin' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Revoke and begin' }).click();
    await page.getByRole('list', { name: 'Stages' }).waitFor(PATIENT);
    await page.getByText('Emergency', { exact: true }).first().waitFor();
    await until('visitors get an error', async () => (await visit()) !== 200);
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-revoked-first');
    await installedUntil(page, 'Done');
    await page.getByText('the key was copied').first().waitFor();
    assert.equal(await visit(), 200);
    assert.deepEqual(complaints, []);
  });

  /** Begins one of the root, and waits until its origin holds it back. */
  async function begin(page: Page): Promise<void> {
    const form = page.getByRole('region', { name: 'Begin a rotation' });
    await form.getByLabel('What is exchanged').selectOption('root');
    await form.getByText('How fast it goes').click();
    for (const stage of ['Canary', 'Watch', 'Drain', 'Notice']) await form.getByLabel(`${stage}, seconds`).fill('1');
    await form.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin the rotation' }).click();
    await page.getByText('The origin refuses the new certificate.').waitFor(PATIENT);
  }

  async function steer(page: Page, button: string, act: string): Promise<void> {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: act }).click();
  }

  /** Has the origin take each bundle as it comes out, as one that keeps in step does. */
  async function installedUntil(page: Page, end: string): Promise<void> {
    const over: Locator = page.getByText(end, { exact: true });
    let installed = '';
    await until(`the page says ${end}`, async () => {
      const bundle = await origins.bundle();
      if (bundle !== installed) origins.named('nginx').install(bundle);
      installed = bundle;
      return over.isVisible();
    });
  }
});
