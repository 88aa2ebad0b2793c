import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, signIn, startBrowser } from './browser.ts';

const TABS = 10;
const ZONES = '/dashboard/zones?sort=name';

describe('tabs of one browser', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    const argv = ['--api-rate-limit', 'off', '--api-address-rate-limit', 'off'];
    [postern, browser] = await Promise.all([startPostern({ argv }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const create = (name: string) => postern.call('POST', '/zones', { name });
  const all = (pages: readonly Page[], look: (page: Page) => Promise<unknown>) => Promise.all(pages.map(look));
  const see = (pages: readonly Page[], zone: string) =>
    all(pages, (page) => page.getByRole('row', { name: new RegExp(`^${zone}`) }).waitFor());
  const live = (pages: readonly Page[]) => all(pages, (page) => page.getByText('Live', { exact: true }).waitFor());

  /** Tabs that have signed in and show the zones, and the streams that they have asked for. */
  async function tabs(first: Page, context: BrowserContext) {
    const streams: Request[] = [];
    context.on('request', (request) => {
      if (new URL(request.url()).pathname === '/postern/v1/events') streams.push(request);
    });
    await signIn(first, postern.token, '/zones?sort=name');
    const pages = [first];
    while (pages.length < TABS) {
      const page = await context.newPage();
      await page.goto(ZONES);
      pages.push(page);
    }
    await live(pages);
    return { pages, streams };
  }

  test('ten share one stream: all see a change, also one in the moment in which the tab that keeps it closes', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, context, complaints } = looking;
    await create('first.test');
    const { pages, streams } = await tabs(page, context);
    assert.equal(streams.length, 1);
    await create('seen.test');
    await see(pages, 'seen.test');
    // The first tab keeps the stream. Nobody looks by itself: what the others see, they were told of.
    await Promise.all([page.close(), create('handed.test')]);
    const others = pages.slice(1);
    await see(others, 'handed.test');
    await create('after.test');
    await see(others, 'after.test');
    assert.equal(streams.length, 2);
    // It goes on behind the last event that was told.
    assert.match(streams[1]?.url() ?? '', /last_event_id=[0-9a-f]{12}-\d+$/);
    assert.deepEqual(complaints, []);
  });

  test('all of them come back when the control plane refuses the stream for a while', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, context } = looking;
    const { pages } = await tabs(page, context);
    await context.route('**/postern/v1/events**', (route) => route.fulfill({ status: 502 }));
    // Whoever keeps it goes, and the next one is refused.
    await page.close();
    const others = pages.slice(1);
    await all(others, (one) => one.getByText('Not connected').waitFor());
    await create('meanwhile.test');
    await context.unroute('**/postern/v1/events**');
    await live(others);
    await see(others, 'meanwhile.test');
  });

  test('one that signs out ends the session of all, at once', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, context } = looking;
    const { pages } = await tabs(page, context);
    const last = pages.at(-1) ?? page;
    await last.locator('.account summary').click();
    await last.getByRole('button', { name: 'Sign out' }).click();
    await all(pages, (one) => one.getByLabel('API token').waitFor());
  });
});
