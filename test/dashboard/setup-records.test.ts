import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser } from './browser.ts';

const HOST = 'www.held.test';

describe('what keeps the edge from showing its certificate is mended in the set-up', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    zone = (await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'held.test' })).result.id;
    await postern.call('POST', `/zones/${zone}/dns_records`, {
      type: 'A',
      name: 'www',
      content: '127.0.0.1',
      proxied: false,
    });
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'off' });
    await postern.call('PATCH', `/zones/${zone}`, { paused: true });
    await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
    const wish = { hostnames: [HOST], associate: false };
    const made = await postern.call<{ readonly id: string }>(
      'POST',
      `/postern/v1/zones/${zone}/managed_certificates`,
      wish,
    );
    const config = [{ hostname: HOST, cert_id: made.result.id, enabled: false }];
    await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/hostnames`, { config });
    await postern.call('PUT', `/postern/v1/zones/${zone}/setups/${HOST}`, { choices: {} });
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('a grey record, a pause, a mode without TLS and a hostname that is switched off, one by one', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/held.test/${HOST}`);
    await page.getByText('DNS only: visitors go to the origin themselves').last().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-grey');
    await press(page, `Proxy ${HOST}`, 'Proxy it');

    await page.getByText('The zone is paused: the edge serves none of its names.').last().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-paused');
    await press(page, 'End the pause', 'End the pause');

    await page.getByText('The edge pulls over plain HTTP: no certificate can be shown there.').last().waitFor();
    await page.getByLabel('Full: over TLS, with any certificate.').check();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-mode');
    await press(page, 'Set the mode', 'Set the mode');
    assert.equal(
      (await postern.call<{ readonly value: string }>('GET', `/zones/${zone}/settings/ssl`)).result.value,
      'full',
    );

    await page.getByText('switched off for this hostname alone').last().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-veto');
    await press(page, 'Let it do what the zone does', 'Do what the zone does');
    await page.getByLabel('Server', { exact: true }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('one goes back to a step that is done, and on again', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/held.test/${HOST}`);
    await page.getByLabel('Server', { exact: true }).selectOption('nginx');
    await page.getByLabel('One command that writes the files').check();
    await page.getByLabel(/^Application/).fill('http://127.0.0.1:3000');
    await page.getByRole('button', { name: 'Make the configuration' }).click();
    await page.getByRole('heading', { name: 'Here: what the origin needs' }).waitFor();

    await page.getByRole('button', { name: 'Look at it: Name and record' }).click();
    await page.getByText('Proxied: visitors reach the edge').waitFor();
    await page.reload();
    await page.getByText('Proxied: visitors reach the edge').waitFor();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'setup-back-narrow-dark');
    await page.getByRole('button', { name: 'Close: Name and record' }).click();
    await page.getByRole('button', { name: 'Look at it: The server' }).click();
    await page.getByLabel('Server', { exact: true }).selectOption('apache');
    await page.getByRole('button', { name: 'Make it anew' }).click();
    // What was chosen of the one before is nothing for it.
    await page.getByRole('button', { name: 'Make it anew' }).waitFor({ state: 'detached' });
    await page.getByLabel('Copy the files').check();
    await page.getByText('File by file').click();
    await page.getByRole('region', { name: /apache-www\.held\.test\.conf$/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('what is undone elsewhere leads back to the first step, by itself', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/held.test/${HOST}`);
    await page.getByRole('heading', { name: 'Here: what the origin needs' }).waitFor();
    await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: false });
    await page.getByRole('button', { name: 'Switch on Authenticated Origin Pulls' }).waitFor();
    await press(page, 'Switch on Authenticated Origin Pulls', 'Switch them on');
    await page.getByRole('heading', { name: 'Here: what the origin needs' }).waitFor();

    await page.getByRole('button', { name: 'Give up' }).click();
    const dialog = page.getByRole('dialog');
    await mustBeAccessible(page);
    await screenshot(page, 'setup-give-up');
    await dialog
      .getByRole('button', { name: 'Cancel' })
      .or(dialog.getByRole('button', { name: 'Leave it as it is' }))
      .click();
    await page.getByRole('button', { name: 'Give up' }).click();
    await dialog.getByRole('button', { name: 'Give it up' }).click();
    await page.waitForURL(/\/setup$/);
    assert.equal((await postern.ask('GET', `/postern/v1/zones/${zone}/setups/${HOST}`)).status, 404);
    assert.deepEqual(complaints, []);
  });
});

/** Presses a button of the page, and the one of the question that comes where something would change for visitors. */
async function press(page: Page, name: string, act: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await button.click();
  const sure = page.getByRole('dialog').getByRole('button', { name: act, exact: true });
  await until('it is asked about, or done', async () => {
    if (await sure.isVisible()) await sure.click();
    return (await button.count()) === 0;
  });
}
