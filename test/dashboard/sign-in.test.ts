import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

/** What a browser gets that signs in as somebody else. */
async function sessionCookie({ base, token }: Postern): Promise<string> {
  const response = await fetch(`${base}/postern/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return response.headers.getSetCookie()[0] ?? assert.fail('no cookie');
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : assert.fail('it does not listen');
}

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

  test('a session that another port of this host planted is not gone on with', async () => {
    const other = createServer((_request, response) => {
      void sessionCookie(postern).then((cookie) => response.setHeader('set-cookie', cookie).end('other'));
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, context } = looking;
    await page.goto(`http://127.0.0.1:${portOf(other)}/`);
    const planted = (await context.cookies())[0]?.value ?? assert.fail('no cookie of this host');
    await page.goto('/dashboard/');
    await page.getByText('was not begun on this page').waitFor();
    assert.equal(await page.locator('details.account').count(), 0);
    await signIn(page, postern.token);
    assert.notEqual((await context.cookies())[0]?.value, planted);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    other.close();
  });

  test('who signs out leaves nothing to whoever sits down next', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    await signIn(page, postern.token, '/zones');
    await page.evaluate(() => {
      sessionStorage.setItem('postern draft of somebody', '{}');
      localStorage.setItem('kept', 'of a theme');
    });
    await page.locator('details.account > summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
    const left = await page.evaluate(() => [Object.keys(sessionStorage), Object.keys(localStorage)]);
    assert.deepEqual(left, [[], ['kept']]);
  });

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
