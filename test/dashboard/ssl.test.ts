import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ImpactView } from '../../src/wire/impact.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, visit, zonePull } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const HOST = 'www.example.test';

describe('SSL/TLS', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = (await postern.call<{ id: string }>('POST', '/zones', { name: 'example.test' })).result.id;
    await addRecord(postern, zone, { name: 'www' });
    await zonePull(postern, zone, true);
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  const value = async (id: string) =>
    (await postern.call<{ value: unknown }>('GET', `/zones/${zone}/settings/${id}`)).result.value;
  const way = (page: Page) => page.locator('figure.way');

  for (const theme of THEMES) {
    test(`the picture follows the mode that is looked at, and nothing changes by that (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/zones/example.test/ssl');
      await way(page).getByText('how it is now').waitFor();
      await way(page).getByText('The origin is verified').waitFor();
      await way(page).getByText('The edge shows the certificate of the zone').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `ssl-${theme}`);
      await page.getByRole('radio', { name: /^Full\b(?! \()/ }).focus();
      await page.keyboard.press('ArrowUp');
      await way(page).getByText('Flexible').waitFor();
      await way(page).getByText('The edge shows no certificate').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `ssl-looked-at-${theme}`);
      assert.equal(await value('ssl'), 'strict');
      assert.deepEqual(complaints, []);
    });
  }

  test('a mode that opens locks is asked about first, and changed where one says so', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test/ssl');
    await page.getByRole('radio', { name: 'Flexible' }).check();
    await page.getByRole('button', { name: 'Change to Flexible' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the mode to Flexible' });
    await dialog.locator('.consequences li').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'ssl-asked');
    assert.equal(await value('ssl'), 'strict');
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    assert.equal(await value('ssl'), 'strict');
    await page.getByRole('button', { name: 'Change to Flexible' }).click();
    await dialog.getByRole('button', { name: 'Change to Flexible' }).click();
    await page.locator('.note').getByText('have no effect because SSL mode is flexible').waitFor();
    assert.equal(await value('ssl'), 'flexible');
    await screenshot(page, 'ssl-no-effect');
    await page.getByRole('radio', { name: 'Full (strict)' }).check();
    await page.getByRole('button', { name: 'Change to Full (strict)' }).click();
    // Asked about as well: origins that do not trust the certificate would refuse it.
    await page.getByRole('dialog').getByRole('button', { name: 'Change to Full (strict)' }).click();
    await way(page).getByText('how it is now').waitFor();
    await page.locator('.note').getByText('have no effect because').waitFor({ state: 'detached' });
    assert.equal(await value('ssl'), 'strict');
    assert.deepEqual(complaints, []);
  });

  test('Always Use HTTPS, the oldest TLS and the key exchanges are changed, and say where they have no effect', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test/ssl');
    await page.getByRole('switch', { name: 'Always Use HTTPS' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn it off' }).click();
    await page.locator('.note').getByText('Visits over http:// are pulled over plain HTTP').waitFor();
    await way(page).getByText('TLS for https visits only').waitFor();
    assert.equal(await value('always_use_https'), 'off');
    await page.getByRole('checkbox', { name: /^FIPS/ }).check();
    const exchanges = page.getByRole('region', { name: 'Key exchanges with origins' });
    await exchanges.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Change them' }).click();
    await exchanges.getByText('have no effect on pulls over plain HTTP').waitFor();
    assert.deepEqual(await value('origin_tls_compliance_modes'), ['fips']);
    await page.getByRole('switch', { name: 'Always Use HTTPS' }).click();
    await exchanges.getByText('have no effect').waitFor({ state: 'detached' });
    const version = page.getByRole('region', { name: 'Minimum TLS version' });
    await version.getByLabel('Oldest version').selectOption('1.0');
    await version.getByRole('button', { name: 'Save' }).click();
    await version.getByText('has no effect below 1.2').waitFor();
    await visit(postern, HOST, { tlsVersion: 'TLSv1.2' });
    await until('the visit is counted', async () => {
      const path = `/postern/v1/zones/${zone}/impact`;
      const { result } = await postern.call<ImpactView>('POST', path, { kind: 'min_tls_version', to: '1.3' });
      return result.consequences.some(({ code }) => code === 'old_tls_refused');
    });
    await version.getByLabel('Oldest version').selectOption('1.3');
    await version.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByText('refused in the handshake').waitFor();
    await page.getByRole('dialog').getByText('came with TLS 1.2.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'ssl-oldest-tls-asked');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask for TLS 1.3' }).click();
    await version.getByText('has no effect').waitFor({ state: 'detached' });
    assert.equal(await value('min_tls_version'), '1.3');
    await mustBeAccessible(page);
    assert.deepEqual(complaints, []);
  });

  test('a change from elsewhere is seen, on a narrow screen too', async () => {
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test/ssl');
    await way(page).getByText('The origin is verified').waitFor();
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'full' });
    await way(page).getByText('whoever answers there is believed').waitFor();
    await page.locator('.note').getByText('does not verify the certificate of the origin').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'ssl-narrow');
    await mustFit(page);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'strict' });
    assert.deepEqual(complaints, []);
  });

  test('a token that may only look sees what is, and no way to change it', async () => {
    const permissions = ['zone:read', 'ssl:read', 'settings:read'];
    const body = { name: 'looks only', permissions, zones: 'all' };
    const { result } = await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, result.token, '/zones/example.test/ssl');
    await page.getByText('that needs settings:edit').waitFor();
    assert.equal(await page.getByRole('switch').count(), 0);
    assert.ok(await page.getByLabel('Oldest version').isDisabled());
    await page.getByRole('radio', { name: 'Off' }).check();
    await way(page).getByText('how it would be').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Change to/ }).count(), 0);
    await mustBeAccessible(page);
    assert.deepEqual(complaints, []);
  });
});
