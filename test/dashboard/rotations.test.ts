import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { lockedOrigins, type Origins, rotationUntil, startRotation } from '../scenarios/four-origins.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
/** Edges look once a second or so, on a machine that has other work. */
const PATIENT = { timeout: 60_000 };

describe('rotations of a real nginx', needs('chromium', 'nginx'), () => {
  const data = scratchDirectory();
  let postern: Postern;
  let browser: Browser;
  let origins: Origins;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ dir: data.path }), startBrowser()]);
    origins = await lockedOrigins(postern, {
      name: 'turned.test',
      authority: await serverAuthority(),
      servers: ['nginx'],
    });
  });
  after(async () => {
    await browser.close();
    await origins[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
    data[Symbol.dispose]();
  });

  test('one is begun in the page, after what it means was said, and watched to its end', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/turned.test/rotations');
    await page.getByText('No rotation yet.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'rotations-empty');
    const form = page.getByRole('region', { name: 'Begin a rotation' });
    await form.getByLabel('Reason').fill(MARKUP);
    await form.getByText('How fast it goes').click();
    await form.getByLabel('Canary, seconds').fill('soon');
    const dialog = page.getByRole('dialog');
    await form.getByRole('button', { name: 'Begin' }).click();
    await dialog.locator('.consequences li').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'rotations-impact');
    await dialog.getByRole('button', { name: 'Begin the rotation' }).click();
    await form.locator('.field.wrong').waitFor();
    assert.match(await form.locator('.field.wrong label').innerText(), /^Canary/);
    await page.reload();
    assert.equal(await form.getByLabel('Reason').inputValue(), MARKUP);
    for (const [label, seconds] of [
      ['Canary', '1'],
      ['Watch', '1'],
      ['Drain', '1'],
    ] as const) {
      await form.getByLabel(`${label}, seconds`).fill(seconds);
    }
    await form.getByRole('button', { name: 'Begin' }).click();
    await dialog.getByRole('button', { name: 'Begin the rotation' }).click();
    await page.getByRole('list', { name: 'Stages' }).waitFor(PATIENT);
    await page.getByText('Done', { exact: true }).waitFor(PATIENT);
    await page.getByText(MARKUP).waitFor();
    await mustCount(page.locator('.stepper > li.done'), 8);
    await page.getByText('Evidence', { exact: true }).click();
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-done');
    assert.deepEqual(complaints, []);
  });

  test('a new root waits for its origin, is paused, resumed and undone by buttons', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    await startRotation(postern, origins.zone, { what: 'root' });
    await signIn(page, postern.token, '/zones/turned.test/rotations');
    await page.getByRole('region', { name: /^Under way/ }).waitFor();
    await page.getByText('One rotation is under way.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'rotations-under-way-dark');
    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByText('The origin refuses the new certificate.').waitFor(PATIENT);
    assert.match(await page.getByRole('region', { name: 'bundle', exact: true }).innerText(), /postern ca bundle/);
    await page.getByRole('table', { name: /^Evidence for nginx/ }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-held-dark');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause it' }).click();
    await page.getByText('Paused', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume it' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Force', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Switch without proof' }).click();
    await dialog.locator('.field-problem').waitFor();
    assert.match(await dialog.locator('.field-problem').innerText(), /reason/);
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-force-dark');
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByLabel('Reason').fill('enough');
    await dialog.getByRole('button', { name: 'Undo it' }).click();
    await page.getByText('Undone', { exact: true }).waitFor(PATIENT);
    assert.deepEqual(complaints, []);
  });

  test('an emergency is rehearsed, and revoking first says that it is an outage', async () => {
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/turned.test/rotations');
    const form = page.getByRole('region', { name: /^Emergency/ });
    await form.getByLabel('How', { exact: true }).selectOption('revoke_first');
    await form.getByText('This is an outage.').waitFor();
    await form.getByRole('button', { name: 'Revoke and begin' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('visitors get errors until they trust the new CA').waitFor();
    await dialog.getByRole('button', { name: 'Revoke and begin' }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'rotations-emergency-narrow');
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    await mustFit(page);
    await form.getByLabel('How', { exact: true }).selectOption('rehearse');
    await form.getByText('What the new certificates are like').click();
    await form.getByLabel('Keys').selectOption('ec:P-384');
    await form.getByLabel('Lifetime in days').fill('10');
    await form.getByText('How fast it goes').click();
    await form.getByLabel('Watch, seconds').fill('soon');
    await form.getByRole('button', { name: 'Rehearse the emergency' }).click();
    await dialog.getByRole('button', { name: 'Rehearse the emergency' }).click();
    await form.locator('.field-problem').waitFor();
    assert.equal(await form.getByLabel('Watch, seconds').getAttribute('aria-invalid'), 'true');
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'rotations-emergency-pace-refused-narrow');
    await page.reload();
    assert.equal(await form.getByLabel('Watch, seconds').inputValue(), 'soon');
    await form.getByLabel('Watch, seconds').fill('5');
    await form.getByText('API call').click();
    await form.getByText(/"key_type": "ec:P-384"/).waitFor();
    await form.getByRole('button', { name: 'Rehearse the emergency' }).click();
    await dialog.getByRole('button', { name: 'Rehearse the emergency' }).click();
    await page.getByRole('list', { name: 'Stages' }).waitFor();
    await mustCount(page.locator('.stepper > li'), 3);
    await origins.named('nginx').update();
    await page.getByText('The rehearsal is over.').waitFor(PATIENT);
    await mustFit(page);
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-rehearsed-narrow');
    assert.deepEqual(complaints, []);
  });

  test('a token that may only read sees everything and steers nothing', async () => {
    const body = { name: MARKUP, permissions: ['zone:read', 'ssl:read'], zones: 'all' };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', body);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, result.token, '/zones/turned.test/rotations');
    await page.getByText('To begin a rotation needs the permission ssl:edit').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Begin' }).count(), 0);
    await startRotation(postern, origins.zone, { what: 'root' });
    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByText('To steer it needs the permission ssl:edit.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-read-only');
    assert.deepEqual(complaints, []);
  });

  test('a control plane that is killed is said to be gone, what was seen stays, and comes back by itself', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    await signIn(page, postern.token, '/zones/turned.test/rotations');
    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByRole('list', { name: 'Stages' }).waitFor();
    postern.signal('SIGKILL');
    await postern.ended;
    await page.getByText('Not connected: what is shown may be old').waitFor(PATIENT);
    await page.getByText('Older than it should be').waitFor(PATIENT);
    await mustCount(page.getByRole('list', { name: 'Stages' }), 1);
    await mustBeAccessible(page);
    await screenshot(page, 'rotation-not-connected');
    postern = await startPostern({ dir: data.path, argv: ['--api', new URL(postern.base).host] });
    await page.getByText('Live', { exact: true }).waitFor(PATIENT);
    await page.getByText('Older than it should be').waitFor({ state: 'detached', ...PATIENT });
    const [running] = (
      await postern.call<readonly { readonly id: string }[]>('GET', `/postern/v1/zones/${origins.zone}/rotations`)
    ).result;
    const undo = { action: 'undo', reason: 'the end of the test' };
    await postern.call('PATCH', `/postern/v1/zones/${origins.zone}/rotations/${running?.id ?? ''}`, undo);
    await rotationUntil(postern, origins.zone, 'it is undone', ({ phase }) => phase === 'ended');
    await page.getByText('Undone', { exact: true }).waitFor(PATIENT);
  });
});
