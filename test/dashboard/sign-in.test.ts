import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

describe('sign-in', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  for (const theme of THEMES) {
    test(`a token opens the dashboard, and signing out shuts it (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, context, complaints } = looking;
      await page.goto('/');
      await page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `sign-in-${theme}`);
      await signIn(page, postern.token);
      const [cookie, ...others] = await context.cookies();
      assert.deepEqual(others, []);
      assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
      const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
      assert.ok(!stored.includes(postern.token), 'the token is kept nowhere');
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      await page.locator('details.account > summary').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual(complaints, []);
    });
  }

  test('a token that is none is refused at the field, and nothing typed is lost', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    await page.goto('/dashboard/');
    const field = page.getByLabel('API token');
    await field.fill('not-a-token-of-this-place');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.field-problem').waitFor();
    assert.match(await page.locator('.field-problem').innerText(), /token/i);
    assert.equal(await field.inputValue(), 'not-a-token-of-this-place');
    await mustBeAccessible(page);
    await screenshot(page, 'sign-in-refused');
  });
});
