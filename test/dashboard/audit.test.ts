import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
/** More than a page of the log holds. */
const MANY = 60;

interface Entry {
  readonly id: string;
  readonly action: string;
}

describe('audit log', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  let other = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = await createZone(postern, 'shop.test', null);
    other = await createZone(postern, 'blog.test', null);
    await postern.call('POST', '/postern/v1/tokens', { name: MARKUP, permissions: ['dns:edit'], zones: ['shop.test'] });
    const record = await addRecord(postern, zone, { name: 'www.shop.test', comment: MARKUP });
    await postern.call('PATCH', `/zones/${zone}/dns_records/${record}`, { proxied: false });
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  for (const theme of THEMES) {
    test(`who changed what is told, down to what differs, at an address of its own (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/audit');
      await page.getByRole('row', { name: /Made a token/ }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `audit-${theme}`);
      await page.getByRole('link', { name: 'Changed a record www.shop.test' }).click();
      const dialog = page.getByRole('dialog', { name: /^Entry / });
      await dialog.getByRole('row', { name: /records › www\.shop\.test › proxied true false/ }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `audit-entry-${theme}`);
      await page.reload();
      await dialog.getByText('bootstrap from').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      assert.equal(new URL(page.url()).search, '');
      await page.getByRole('link', { name: /Made a token/ }).click();
      await dialog.getByText(MARKUP).first().waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  test('what is filtered stands in the address, and is saved as lines of JSON', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/audit');
    const filter = page.getByRole('search', { name: 'Filter of the audit log' });
    await filter.getByLabel('What').selectOption('create_zone');
    await filter.getByLabel('Zone').fill('blog.test');
    await filter.getByLabel('Zone').press('Enter');
    await mustCount(page.getByRole('row', { name: /shop\.test/ }), 0);
    await page.getByRole('row', { name: /Created the zone blog\.test/ }).waitFor();
    const entries = page.getByRole('region', { name: 'Table: Entries' }).locator('tbody tr');
    await mustCount(entries, 1);
    assert.equal(new URL(page.url()).search, '?action=create_zone&zone=blog.test');
    await page.reload();
    await page.getByRole('row', { name: /Created the zone blog\.test/ }).waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as JSON lines' }).click();
    const lines = readFileSync(await (await downloading).path(), 'utf8')
      .trimEnd()
      .split('\n');
    const kept = lines.map((line) => JSON.parse(line) as Entry);
    const query = '/postern/v1/audit?action=create_zone&zone=blog.test';
    assert.deepEqual(kept, (await postern.call<readonly Entry[]>('GET', query)).result);
    await filter.getByLabel('Until').fill('2020-01-01T00:00');
    await page.getByText('No entry fits').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'audit-empty');
    await filter.getByLabel('Zone').fill('nowhere.test');
    await filter.getByLabel('Zone').press('Enter');
    await page.getByText('must be the id or name of a zone').waitFor();
    await filter.getByRole('button', { name: 'Show everything' }).click();
    await page.getByRole('row', { name: /Changed a record/ }).waitFor();
    assert.equal(new URL(page.url()).search, '');
    assert.deepEqual(complaints, []);
  });

  test('a zone tells of itself alone, page by page, to who may see it alone, on a narrow screen', async () => {
    for (let at = 0; at < MANY; at++) await addRecord(postern, zone, { name: `host-${at}.shop.test` });
    await addRecord(postern, other, { name: 'www.blog.test' });
    const rights = { name: 'auditor', permissions: ['zone:read', 'audit:read'], zones: ['shop.test'] };
    const auditor = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', rights)).result.token;
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, auditor, '/zones/shop.test/audit');
    await page.getByRole('link', { name: `Added a record host-${MANY - 1}.shop.test` }).waitFor();
    await addRecord(postern, zone, { name: 'live.shop.test' });
    await page.getByRole('link', { name: 'Added a record live.shop.test' }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'audit-narrow');
    await mustFit(page);
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: /^Created the zone/ }).waitFor();
    assert.equal(await page.getByText('blog.test').count(), 0);
    await page.getByRole('link', { name: /^Changed a record/ }).click();
    await page.getByRole('row', { name: /› proxied/ }).waitFor();
    await screenshot(page, 'audit-entry-narrow');
    await mustFit(page);
    assert.deepEqual(complaints, []);
  });
});
