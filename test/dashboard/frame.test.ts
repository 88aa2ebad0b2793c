import assert from 'node:assert/strict';
import { setTimeout as later } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';

/** What stands between the browser and Postern, or comes after an update: answers that are slow, odd, or not there. */
describe('the frame around the pages', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = (await postern.call<{ id: string }>('POST', '/zones', { name: 'example.test' })).result.id;
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  const addRecord = (name: string) =>
    postern.call('POST', `/zones/${zone}/dns_records`, { type: 'A', name, content: '127.0.0.1' });

  test('changes that come faster than answers keep nothing from being shown', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    let asked = 0;
    // Longer than a page waits for more of the same news before it looks again.
    await page.route('**/dns_records?*', async (route) => {
      asked += 1;
      await addRecord(`w${asked}`);
      await later(600);
      await route.continue();
    });
    await signIn(page, postern.token, '/zones/example.test/dns');
    await page.getByRole('row', { name: /w1\.example\.test/ }).waitFor();
    await page.getByRole('row', { name: /w3\.example\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('an answer that is not understood is told where it stands, and the rest of the page goes on', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    let isOdd = true;
    await page.route('**/dns_records?*', (route) =>
      isOdd
        ? route.fulfill({ json: { success: true, result: [{ id: 'one' }, null], messages: [], errors: [] } })
        : route.continue(),
    );
    await signIn(page, postern.token, '/zones/example.test/dns');
    await page.getByText('This part cannot show what Postern answered.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'not-understood');
    isOdd = false;
    await addRecord('understood');
    await page.getByRole('row', { name: /understood\.example\.test/ }).waitFor();
    isOdd = true;
    await addRecord('odd-again');
    await page.getByText('This part cannot show what Postern answered.').waitFor();
    await page.getByRole('link', { name: 'Notices', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Notices' }).waitFor();
  });

  test('a page that is open while Postern is updated says that it is old', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    // The stream is lost once, as when Postern is started again, and comes back by itself.
    await page.route('**/postern/v1/events', (route) => route.abort(), { times: 1 });
    await page.route('**/dashboard/', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replaceAll(/assets\/index-[\w-]+\.js/g, 'assets/index-another.js');
      await route.fulfill({ response: answer, body });
    });
    await signIn(page, postern.token, '/zones');
    await page.getByText('Postern was updated since this page was loaded').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'updated');
    await page.unroute('**/dashboard/');
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('row', { name: /example\.test/ }).waitFor();
    await page.getByText('Postern was updated').waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test('a session that ended elsewhere brings the sign-in back, without anybody asking for anything', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    const made = await postern.call<{ id: string; token: string }>('POST', '/postern/v1/tokens', {
      name: 'short',
      permissions: ['zone:read', 'dns:read'],
      zones: 'all',
    });
    await signIn(page, made.result.token, '/zones/example.test/dns');
    await page.getByText('Live', { exact: true }).waitFor();
    await postern.call('DELETE', `/postern/v1/tokens/${made.result.id}`);
    await page.getByText('The session has ended.').waitFor();
    assert.equal(new URL(page.url()).pathname, '/dashboard/zones/example.test/dns');
  });

  test('who could not be signed out is told so, and is signed out in the end', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, context } = looking;
    await signIn(page, postern.token, '/zones');
    await page.locator('details.account > summary').click();
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.account-menu').getByText('nobody knows here whether this was done').waitFor();
    await mustBeAccessible(page);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
    assert.deepEqual(await context.cookies(), []);
  });

  test('what a deed would break is never said to be nothing where nobody could tell', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test');
    await page.route('**/impact', (route) => route.abort());
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause example.test' });
    await dialog.getByText('What this would break could not be found out.').waitFor();
    await dialog.getByText('Postern does not answer.').waitFor();
    await mustBeAccessible(page);
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test('a question that was called off does not come back when its answer is there', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test');
    const held = Promise.withResolvers<void>();
    await page.route('**/impact', async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete example.test' });
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    const answered = page.waitForResponse('**/impact');
    held.resolve();
    await (await answered).finished();
    // What follows from the answer is drawn by the second frame after it.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    assert.equal(await dialog.count(), 0);
    assert.deepEqual(complaints, []);
  });

  test('where tabs cannot share a stream, one out of sight holds none, and is up to date when it is seen again', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    // As on a page without TLS that is not on this machine.
    await page.addInitScript(`Object.defineProperty(navigator, 'locks', { value: undefined });`);
    await page.clock.install();
    const isStream = (url: string) => url.endsWith('/postern/v1/events');
    await signIn(page, postern.token, '/zones/example.test/dns');
    await page.getByText('Live', { exact: true }).waitFor();
    const ended = page.waitForEvent('requestfailed', (request) => isStream(request.url()));
    const turn = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`,
      );
    await turn(true);
    await page.clock.fastForward(60_000);
    await ended;
    await addRecord('while-away');
    await turn(false);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.clock.fastForward(1_000);
    await page.getByRole('row', { name: /while-away\.example\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
