import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type ServerAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { assertStatus, lockedSite, type Site, visit, zonePull } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const PAGE = '/zones/shop.test/analytics';

describe('analytics', needs('chromium', 'apache2'), () => {
  let postern: Postern;
  let browser: Browser;
  let authority: ServerAuthority;
  let site: Site;
  before(async () => {
    [postern, browser, authority] = await Promise.all([startPostern(), startBrowser(), serverAuthority()]);
    site = await lockedSite('apache', postern, { name: 'shop.test', authority });
  });
  after(async () => {
    await browser.close();
    await site?.[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  test('nothing is told as nothing, and the first pulls are seen as they come', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByText('Nothing was pulled in the last hour.').waitFor();
    await page.getByText(/^Counted since/).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'analytics-empty');
    for (let time = 0; time < 3; time++) assertStatus(await visit(postern, site.host), 200, 'with the certificate');
    await zonePull(postern, site.zone, false);
    assertStatus(await visit(postern, site.host), 525, 'without');
    await zonePull(postern, site.zone, true);
    const row = page.getByRole('row', { name: new RegExp(`^${site.host} 4 1 0 1 0 `) });
    await row.waitFor();
    await page.getByRole('row', { name: /The origin refused the certificate/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`the span, the order and the search stand in the address (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, PAGE);
      await page.getByRole('radio', { name: '15 min' }).check();
      await page.getByLabel('Order').selectOption('without_certificate');
      await page.getByRole('searchbox', { name: 'Search hostnames' }).fill('WWW');
      await page.waitForURL(/last=15m&order=without_certificate&q=WWW/);
      await page.reload();
      await page.getByRole('row', { name: new RegExp(`^${site.host}`) }).waitFor();
      const figure = page.getByRole('figure', { name: 'Pulls per second by certificate' });
      await figure.locator('canvas').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `analytics-${theme}`);
      await page.getByRole('searchbox', { name: 'Search hostnames' }).fill('nothing');
      await page.getByText('No hostname like this was pulled.').waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  test('who may see one zone sees its numbers, on a narrow screen too', async () => {
    const rights = { name: 'reader', permissions: ['zone:read'], zones: ['shop.test'] };
    const reader = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', rights)).result.token;
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, reader, PAGE);
    await page.getByRole('row', { name: new RegExp(`^${site.host}`) }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'analytics-narrow');
    await mustFit(page);
    assert.deepEqual(complaints, []);
  });
});
