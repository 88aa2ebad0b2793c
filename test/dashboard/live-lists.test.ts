import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustCount, signIn, startBrowser } from './browser.ts';

const ZONES = 60;
const HOSTNAMES = 60;
/** Rows that any list of a page may ask for at a time. */
const MOST_ROWS = 100;

/** Counts what moves though nobody has touched anything (Layout Instability, without recent input). */
const WATCH = `globalThis.moved = [];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, sources } of list.getEntries())
    if (!hadRecentInput) moved.push(value + ': ' + sources.map(({ node }) => node?.nodeName + ' ' + (node?.textContent ?? '').slice(0, 60)).join(' | '));
}).observe({ type: 'layout-shift', buffered: false });`;

/** Counts how often something stands in for what is not there yet, from now on. */
const SKELETONS = `globalThis.skeletons = 0;
new MutationObserver(() => { globalThis.skeletons += document.querySelectorAll('.skeleton').length; })
  .observe(document.body, { childList: true, subtree: true });`;

describe('lists while things happen', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  const zones: string[] = [];
  const records: string[] = [];
  before(async () => {
    const argv = ['--api-rate-limit', 'off', '--api-address-rate-limit', 'off'];
    [postern, browser] = await Promise.all([startPostern({ argv }), startBrowser()]);
    for (let count = 0; count < ZONES; count += 1) {
      const name = `zone-${String(count).padStart(2, '0')}.test`;
      zones.push((await postern.call<{ id: string }>('POST', '/zones', { name })).result.id);
    }
    for (let count = 0; count < HOSTNAMES; count += 1)
      records.push(await addRecord(postern, zones[0] ?? '', { name: `host-${String(count).padStart(2, '0')}` }));
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  /** Changes one record after the other, and as the last one where the first of them leads. */
  let turn = 0;
  async function change(): Promise<void> {
    turn += 1;
    const path = (index: number) => `/zones/${zones[0]}/dns_records/${records[index]}`;
    for (let count = 1; count < 8; count += 1)
      await postern.call('PATCH', path(count), { comment: `change ${turn}.${count}` });
    await postern.call('PATCH', path(0), { content: '127.0.0.9' });
  }

  /** Makes changes, and waits until the page has asked anew because of them and shows what it was told. */
  async function looksAgain(page: Page): Promise<void> {
    const asked = page.waitForResponse((response) => /\/overview(\/zones)?(\?|$)/.test(response.url()));
    await change();
    await (await asked).finished();
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  const still = async (page: Page, what: string) => assert.deepEqual(await page.evaluate('moved'), [], what);

  test('nothing moves under the eyes of whoever looks, and what changed is there', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/zone-00.test/dns');
    await mustCount(page.locator('tbody tr'), 50);
    await page.evaluate(WATCH);
    await change();
    await page.getByRole('cell', { name: '127.0.0.9', exact: true }).waitFor();
    await still(page, 'DNS');

    for (const [path, there] of [
      ['/', 'Needs attention'],
      ['/zones', 'All zones'],
      ['/zones/zone-00.test', 'What ends'],
    ] as const) {
      await page.goto(`/dashboard${path}`);
      await page.getByRole('heading', { name: there }).waitFor();
      await mustCount(page.locator('.skeleton'), 0);
      // The first look because of what happens comes when everything that loads later is there; the second is watched.
      await looksAgain(page);
      await page.evaluate(WATCH);
      await looksAgain(page);
      await still(page, path);
    }
    assert.deepEqual(complaints, []);
  });

  test('no page asks for more than it shows, and a list that is turned or searched does not collapse', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    const asked: URL[] = [];
    page.on('request', (request) => asked.push(new URL(request.url())));
    await signIn(page, postern.token, '/zones');
    await mustCount(page.locator('tbody tr'), 50);
    await page.evaluate(SKELETONS);
    await page.getByRole('button', { name: 'Next' }).click();
    await mustCount(page.locator('tbody tr'), ZONES - 50);
    await page.goto('/dashboard/zones/zone-00.test/dns');
    await mustCount(page.locator('tbody tr'), 50);
    await page.evaluate(SKELETONS);
    await page.getByRole('button', { name: 'Next' }).click();
    await mustCount(page.locator('tbody tr'), HOSTNAMES - 50);
    await page.getByLabel('Search records').fill('host-07');
    await mustCount(page.locator('tbody tr'), 1);
    assert.equal(await page.evaluate('skeletons'), 0);
    await page.goto('/dashboard/zones/zone-00.test/ssl/origin-server');
    const rows = page.getByRole('region', { name: 'Table: Hostnames' }).locator('tbody tr');
    await mustCount(rows, 25);
    await mustCount(rows.getByText('Not looked at'), 25);

    for (const { search, searchParams } of asked) {
      const rowsAsked = Number(searchParams.get('per_page') ?? searchParams.get('limit') ?? '0');
      if (!searchParams.has('hostnames')) assert.ok(rowsAsked <= MOST_ROWS, search);
    }
    // The locks of those rows are asked for together, and of no others.
    const locks = asked.filter(({ pathname }) => pathname.endsWith('/attestations'));
    assert.deepEqual(
      locks.map(({ searchParams }) => searchParams.get('hostnames')?.split(',').length),
      [25],
    );
    assert.deepEqual(complaints, []);
  });
});
