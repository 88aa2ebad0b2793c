import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, signIn, startBrowser } from './browser.ts';

/** What is asked to find the zone of a name. */
const LOOKUP = '**/client/v4/zones?name=*';

describe('a zone that the page knows already', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const create = async (name: string) => (await postern.call<{ id: string }>('POST', '/zones', { name })).result.id;
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const toZones = (page: Page) =>
    page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Zones', exact: true }).click();

  test('opened from the list, it is shown before the answer for its name is there, and judged by that then', async () => {
    const zone = await create('listed.test');
    await addRecord(postern, zone, { name: 'www' });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones?q=listed');
    const answered = Promise.withResolvers<void>();
    await page.route(LOOKUP, async (route) => {
      await answered.promise;
      await route.fulfill({ json: { success: true, errors: [], messages: [], result: [] } });
    });
    await page.getByRole('link', { name: 'listed.test', exact: true }).click();
    await heading(page, 'listed.test').waitFor();
    await page.getByText('1 hostname served').waitFor();
    answered.resolve();
    await heading(page, 'No such zone').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('one that was deleted meanwhile is none, and one made anew under its name is the new one', async () => {
    const before = await create('again.test');
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones?q=again');
    await page.getByRole('link', { name: 'again.test', exact: true }).click();
    await page.getByText('No hostname yet').waitFor();
    await page.goto('/dashboard/zones?q=again');
    await page.getByRole('link', { name: 'again.test', exact: true }).waitFor();
    // The list hears of nothing any more: it leads to what is gone.
    await page.route('**/postern/v1/overview/zones?*', (route) => route.abort());
    await postern.call('DELETE', `/zones/${before}`);
    await page.getByRole('link', { name: 'again.test', exact: true }).click();
    await heading(page, 'No such zone').waitFor();
    await page.unroute('**/postern/v1/overview/zones?*');
    const now = await create('again.test');
    await addRecord(postern, now, { name: 'www' });
    await heading(page, 'again.test').waitFor();
    await page.getByText('1 hostname served').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('what one token saw is nothing for the next one in the same window', async () => {
    const hidden = await create('hidden.test');
    const open = await create('open.test');
    const body = { name: 'one zone', permissions: ['zone:read', 'ssl:read'], zones: [open] };
    const { token } = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body)).result;
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones?q=hidden');
    await page.getByRole('link', { name: 'hidden.test', exact: true }).click();
    await page.getByText('No hostname yet').waitFor();
    await page.getByText('bootstrap', { exact: false }).first().click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('API token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'No such zone').waitFor();
    assert.deepEqual(
      asked.filter((url) => url.includes(hidden)),
      [],
    );
    await toZones(page);
    await page.getByRole('link', { name: 'open.test', exact: true }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a link to a zone has it asked for while the session is', async () => {
    const zone = await create('linked.test');
    await addRecord(postern, zone, { name: 'www' });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones');
    const lookup = Promise.withResolvers<void>();
    let count = 0;
    await page.route(LOOKUP, async (route) => {
      count += 1;
      lookup.resolve();
      await route.continue();
    });
    // Never answered, were the zone asked for after it.
    await page.route('**/postern/v1/session', async (route) => {
      await lookup.promise;
      await route.continue();
    });
    await page.goto('/dashboard/zones/linked.test');
    await heading(page, 'linked.test').waitFor();
    await page.getByText('1 hostname served').waitFor();
    assert.equal(count, 1, 'and not a second time');
    assert.deepEqual(complaints, []);
  });

  test('nobody goes on with what was asked for in the session of somebody else', async () => {
    await create('foreign.test');
    const open = await create('own.test');
    const body = { name: 'own zone', permissions: ['zone:read', 'ssl:read'], zones: [open] };
    const { token } = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body)).result;
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones');
    // The cookie stays, the page did not begin that session.
    await page.evaluate("localStorage.setItem('postern session', 'of another page')");
    await page.goto('/dashboard/zones/foreign.test');
    await page.getByLabel('API token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'No such zone').waitFor();
    assert.deepEqual(complaints, []);
  });
});
