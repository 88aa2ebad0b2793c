import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { NEEDS_TERMINAL } from '../cli/terminal.ts';
import { type AtTerminal, startAtTerminal } from '../scenarios/postern-at-terminal.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';

/** The address that the terminal shows, and the code in it. */
function printed({ screen, base }: AtTerminal): { readonly address: string; readonly code: string } {
  const lines = screen().split('\n');
  const address =
    lines.map((line) => line.trim()).find((line) => line.startsWith(`${base}/#`)) ?? assert.fail(screen());
  assert.ok(lines.every((line) => line.length <= 80 || !line.includes('sign-in')));
  const code = /#sign-in=([\w-]{43})$/.exec(address)?.[1] ?? assert.fail(address);
  return { address, code };
}

function overview(page: Page) {
  return page.getByRole('heading', { level: 1, name: 'Overview' });
}

/**
 * What somebody does first: two names and an address, on the page that they come to. Where that goes wrong half-way, the
 * zone is there and the form still says what was wrong.
 */
async function begins(page: Page): Promise<void> {
  await page.getByLabel('Hostname').fill('www.first.test');
  await page.getByLabel('Zone').fill('first.test');
  await page.getByLabel('Address of the origin').fill('169.254.169.254');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByText('Made already: the zone first.test.').waitFor();
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  await page.getByLabel('Address of the origin').fill('127.0.0.1');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL('**/dashboard/setup/first.test/www.first.test');
}

async function call({ base, token }: AtTerminal, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(base + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const { result } = (await answer.json()) as { readonly result: { readonly id: string; readonly token: string } };
  assert.equal(answer.status, 200);
  return result;
}

describe('the address that postern up prints', { ...NEEDS_TERMINAL, ...needs('chromium') }, () => {
  let postern: AtTerminal;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startAtTerminal(), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  test('it stands on the screen alone, with how often it works and until when', () => {
    const { code } = printed(postern);
    assert.match(postern.screen(), /Open this address\. It signs you in, once, until \d\d:\d\d:\n/);
    assert.equal(postern.screen().split(code).length, 2, 'once on the screen, and in no line of the log there');
    for (const file of [postern.readyFile, join(postern.dir, 'listening.json')])
      assert.ok(!readFileSync(file, 'utf8').includes(code), file);
  });

  test('who is signed in already does not become somebody else by it', async () => {
    const draft = { name: 'somebody', permissions: ['zone:read'], zones: 'all' };
    const { token } = await call(postern, 'POST', '/postern/v1/tokens', draft);
    await using looking = await lookAt(browser, postern);
    const { page, context } = looking;
    await signIn(page, token, '/zones');
    const before = await context.cookies();
    await page.goto(printed(postern).address);
    await page.getByText('You are signed in already: the address was not used.').waitFor();
    assert.deepEqual(await context.cookies(), before);
    assert.equal(page.url(), `${postern.base}/dashboard/`);
    await page.locator('details.account > summary').click();
    await page.locator('details.account').getByText('somebody').first().waitFor();
  });

  test('it signs in, leaves no trace of itself, and ends with the token', async () => {
    const { address, code } = printed(postern);
    await using looking = await lookAt(browser, postern);
    const { page, context, complaints } = looking;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`));
    await page.goto(address);
    await overview(page).waitFor();
    assert.equal(page.url(), `${postern.base}/dashboard/`);
    assert.ok(!asked.some((told) => told.includes(code)), 'no line and no field of a request has it');
    const [cookie, ...others] = await context.cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, others], [true, 'Strict', []]);
    const kept = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, history.state])');
    assert.ok(!kept.includes(code));
    await page.reload();
    await overview(page).waitFor();
    await page.goBack();
    assert.equal(page.url(), 'about:blank', 'there is nothing of it to go back to');
    await page.goForward();
    await overview(page).waitFor();

    await begins(page);

    await using other = await lookAt(browser, postern);
    await other.page.goto(address);
    await other.page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
    await other.page.getByText('it was used already').waitFor();
    assert.deepEqual([other.page.url(), await other.context.cookies()], [`${postern.base}/dashboard/`, []]);
    await mustBeAccessible(other.page);
    await screenshot(other.page, 'sign-in-address-used');
    await other.page.getByLabel('API token').fill(postern.token);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await overview(other.page).waitFor();

    const { id } = await call(postern, 'GET', '/client/v4/user/tokens/verify');
    await call(postern, 'DELETE', `/client/v4/user/tokens/${id}`);
    await page.getByText('The session has ended').waitFor();
    assert.deepEqual([...complaints, ...other.complaints], []);
  });
});
