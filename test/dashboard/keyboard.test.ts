import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';

const PAGE = '/zones/keys.test/dns';
/** More stops than any of these pages has. */
const MOST_STOPS = 80;

describe('keyboard and preferences', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    const zone = await createZone(postern, 'keys.test', null);
    await addRecord(postern, zone, { name: 'www' });
    await addRecord(postern, zone, { name: 'h2', origin: { http2: true } });
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const focused = (page: Page) => page.locator(':focus');
  /** What has the focus and is in no dialog; the browser's own buttons are none of the page. */
  const beside = (page: Page) =>
    focused(page).evaluateAll((all) => all.filter((one) => one.closest('dialog') === null).map((one) => one.outerHTML));

  test('a link leads past the navigation, and a dialog takes the focus, keeps it and gives it back', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('row', { name: /www\.keys\.test/ }).waitFor();
    await page.getByRole('link', { name: 'Postern' }).focus();
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(page).innerText(), 'Skip to the page');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page).getAttribute('id'), 'page');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page).innerText(), 'Add a record');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a record' });
    await dialog.waitFor();
    for (let stop = 0; stop < MOST_STOPS / 4; stop++) {
      assert.deepEqual(await beside(page), [], `stop ${stop}`);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await focused(page).innerText(), 'Add a record');
    assert.deepEqual(complaints, []);
  });

  test('who deletes the row that they are in goes on at the page', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    const zone = await createZone(postern, 'gone.test', null);
    await addRecord(postern, zone, { name: 'www' });
    await signIn(page, postern.token, '/zones/gone.test');
    await page.getByRole('button', { name: 'Delete' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Type gone\.test/).fill('gone.test');
    await page.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Delete it' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#page h1:focus').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('whatever has the focus shows it', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    for (const path of ['/', '/zones', PAGE, '/zones/keys.test/ssl', '/audit', '/notices']) {
      await page.goto(`/dashboard${path}`);
      await page.locator('#page h1').waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      for (let stop = 0; stop < MOST_STOPS; stop++) {
        await page.keyboard.press('Tab');
        const seen = await focused(page).evaluateAll(([element]) => {
          if (element === undefined || element.localName === 'body') return null;
          const shows = [element, element.nextElementSibling].some((one) => {
            const style = one === null ? undefined : one.ownerDocument.defaultView?.getComputedStyle(one);
            return style !== undefined && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
          });
          return { shows, what: element.outerHTML.slice(0, 200) };
        });
        if (seen === null) break;
        assert.ok(seen.shows, `${path}: ${seen.what}`);
      }
    }
    assert.deepEqual(complaints, []);
  });

  test('what was said can be dismissed, stays while it is held, and covers nothing', async () => {
    for (const width of [390, 1280]) {
      await using looking = await lookAt(browser, { base: postern.base, width, height: 800 });
      const { page, complaints } = looking;
      await signIn(page, postern.token, PAGE);
      await page.getByRole('switch', { name: 'Proxied: www.keys.test' }).click();
      const toast = page.locator('.toast');
      await toast.or(page.getByRole('dialog')).first().waitFor();
      if (await page.getByRole('dialog').isVisible())
        await page
          .getByRole('dialog')
          .getByRole('button', { name: /Take it off the edge|Proxy it/ })
          .click();
      await toast.waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `toast-${width}`);
      const covered = await toast.evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const page = element.ownerDocument;
        const places = [left + 2, (left + right) / 2, right - 2].flatMap((x) =>
          [top + 2, bottom - 2].map((y) => [x, y]),
        );
        return places
          .flatMap(([x = 0, y = 0]) => page.elementsFromPoint(x, y))
          .filter((one) => one.closest('main, .brand, .liveness, .account, summary') !== null)
          .map((one) => one.outerHTML.slice(0, 100));
      });
      assert.deepEqual(covered, [], `at ${width}`);
      await toast.getByRole('button', { name: 'Dismiss' }).click();
      await toast.waitFor({ state: 'detached' });
      assert.deepEqual(complaints, []);
    }
  });

  test('what the API remarks on a change stays until it is dismissed', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Change h2.keys.test' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change h2.keys.test', exact: true });
    await dialog.getByLabel(/^Proxied/).uncheck();
    const answered = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const weighed = page.getByRole('dialog', { name: 'Change h2.keys.test: what follows' });
    await weighed.getByRole('button', { name: 'Save', exact: true }).click();
    const { messages } = (await (await answered).json()) as { readonly messages: readonly { message: string }[] };
    assert.notEqual(messages.length, 0);
    const remarks = page.getByRole('region', { name: /What should be known/ });
    for (const { message } of messages) await remarks.getByText(message).waitFor();
    await page.getByRole('button', { name: 'Read the remark' }).click();
    assert.equal(await focused(page).getAttribute('id'), 'remarks');
    await mustBeAccessible(page);
    await screenshot(page, 'remarked-narrow-dark');
    await remarks.getByRole('button', { name: 'Dismiss' }).click();
    await remarks.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test("colours of somebody's own and more contrast leave every state to be seen", async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await page.emulateMedia({ forcedColors: 'active' });
    await signIn(page, postern.token, PAGE);
    const on = page.locator('[role=switch]').first();
    await on.waitFor();
    await screenshot(page, 'forced-colors-dns');
    await page.goto('/dashboard/zones');
    await page.getByRole('radio', { name: 'All' }).waitFor();
    const chosen = page.locator('.choices :checked + span');
    assert.notEqual(
      await chosen.evaluate((span) => span.ownerDocument.defaultView?.getComputedStyle(span).outlineStyle),
      'none',
    );
    await screenshot(page, 'forced-colors-zones');
    await page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
    await mustBeAccessible(page);
    await screenshot(page, 'more-contrast-zones');
    assert.deepEqual(complaints, []);
  });
});
