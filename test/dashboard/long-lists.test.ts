import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustCount, signIn, startBrowser } from './browser.ts';

const ZONES = 60;
const HOSTNAMES = 60;
/** Rows that any list of a page may ask for at a time. */
const MOST_ROWS = 100;

/** Counts how often something stands in for what is not there yet, from now on. */
const SKELETONS = `globalThis.skeletons = 0;
new MutationObserver(() => { globalThis.skeletons += document.querySelectorAll('.skeleton').length; })
  .observe(document.body, { childList: true, subtree: true });`;

describe('lists that are long', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    const argv = ['--api-rate-limit', 'off', '--api-address-rate-limit', 'off'];
    [postern, browser] = await Promise.all([startPostern({ argv }), startBrowser()]);
    for (let count = 0; count < ZONES; count += 1) {
      const name = `zone-${String(count).padStart(2, '0')}.test`;
      const { id } = (await postern.call<{ id: string }>('POST', '/zones', { name })).result;
      if (count === 0) zone = id;
    }
    for (let count = 0; count < HOSTNAMES; count += 1)
      await addRecord(postern, zone, { name: `host-${String(count).padStart(2, '0')}` });
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
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
    // The locks of those rows come with them, in one call for a page of the list.
    const paths = asked.slice(asked.findLastIndex(({ pathname }) => pathname.endsWith('/ssl/origin-server')));
    assert.deepEqual(
      paths.filter(({ pathname }) => pathname.endsWith('/attestations')).map(({ search }) => search),
      [],
    );
    const plans = paths.filter(({ pathname }) => pathname.endsWith('/plans'));
    assert.deepEqual(
      plans.map(({ searchParams }) => searchParams.get('limit')),
      ['25'],
    );
    assert.deepEqual(complaints, []);
  });
});
