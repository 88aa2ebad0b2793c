import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { createZone } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
  readonly addresses: readonly string[];
  readonly expires_on: string | null;
  readonly token: string;
}

describe('tokens', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = await createZone(postern, 'shop.test', null);
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  const make = async (name: string, permissions: readonly string[], zones: unknown = 'all') =>
    (await postern.call<Token>('POST', '/postern/v1/tokens', { name, permissions, zones })).result;
  const list = async () => (await postern.call<readonly Token[]>('GET', '/postern/v1/tokens')).result;
  const status = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${postern.base}/client/v4/zones`, { headers })).status;
  };
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
  const shownText = (page: Page) => page.getByRole('dialog').getByRole('region', { name: 'Token' }).innerText();

  test('a token is made, refused at its fields first, and shown once', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/tokens');
    await page.getByText('You are signed in with the bootstrap token').waitFor();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const form = page.getByRole('dialog', { name: 'Make a token' });
    await form.getByLabel('Name', { exact: true }).fill(MARKUP);
    for (const permission of ['dns:edit', 'zone:read']) await form.getByLabel(permission).check();
    await form.getByLabel('Zones', { exact: true }).selectOption('some');
    await form.getByLabel('Names of the zones').fill('nowhere.test');
    await form.getByLabel('It ends').selectOption('30');
    await form.getByRole('button', { name: 'Make it' }).click();
    await form.locator('.field-problem').waitFor();
    assert.match(await form.locator('.field.wrong label').innerText(), /^Names of the zones/);
    await mustBeAccessible(page);
    await screenshot(page, 'tokens-refused');
    await page.reload();
    await page.getByRole('button', { name: 'Make a token' }).click();
    assert.equal(await form.getByLabel('Name', { exact: true }).inputValue(), MARKUP);
    assert.ok(await form.getByLabel('dns:edit').isChecked());
    await form.getByLabel('Names of the zones').fill('shop.test');
    await form.getByLabel('Addresses that it may call from').fill('127.0.0.0/8\n::1');
    await form.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('Postern keeps a hash of it alone').waitFor();
    const text = await shownText(page);
    assert.equal(await status(text), 200);
    await page.keyboard.press('Escape');
    await page.getByText('It is not shown again').waitFor();
    await mustBeAccessible(page);
    await page.getByRole('button', { name: 'I have it' }).click();
    await row(page, MARKUP).getByRole('link', { name: 'shop.test' }).waitFor();
    const made = (await list()).find(({ name }) => name === MARKUP);
    assert.deepEqual(
      [made?.permissions, made?.zones, made?.addresses],
      [['dns:edit', 'zone:read'], [zone], ['127.0.0.0/8', '::1/128']],
    );
    assert.ok(made?.expires_on !== null);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    assert.ok(!`${kept}${await page.content()}`.includes(text), 'the text is nowhere any more');
    assert.deepEqual(complaints, []);
  });

  test('a token is changed, rolled and revoked, and each is seen by whoever uses it', async () => {
    const { token } = await make('terraform', ['zone:read']);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/tokens');
    await row(page, 'terraform').getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'Change terraform', exact: true });
    await form.getByLabel('zone:read').uncheck();
    await form.getByLabel('audit:read').check();
    await form.getByRole('button', { name: 'Save' }).click();
    const question = page.getByRole('dialog', { name: 'Change terraform: what follows' });
    await question.getByText('It loses zone:read.').waitFor();
    await question.getByText('may do more than before').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'token-change-asked');
    await question.getByRole('button', { name: 'Save' }).click();
    await row(page, 'terraform').getByText('audit:read').waitFor();
    assert.equal(await status(token), 403);
    await row(page, 'terraform')
      .getByRole('button', { name: /^New text for/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it a new text' }).click();
    await page.getByText('Postern keeps a hash of it alone').waitFor();
    const text = await shownText(page);
    assert.deepEqual([await status(token), await status(text)], [401, 403]);
    await page.getByRole('button', { name: 'I have it' }).click();
    await row(page, 'terraform').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByText('It changed nothing in the last hour.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'token-revoke-asked');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click();
    await row(page, 'terraform').waitFor({ state: 'detached' });
    assert.equal(await status(text), 401);
    assert.deepEqual(complaints, []);
  });

  test('the token of the session itself is rolled, and the session goes on', async () => {
    const { token } = await make('mine', ['tokens:edit', 'zone:read']);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, token, '/tokens');
    await row(page, 'mine').getByText('this session').waitFor();
    await row(page, 'mine')
      .getByRole('button', { name: /^New text for/ })
      .click();
    await page.getByText('This session goes on').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it a new text' }).click();
    await page.getByText('Postern keeps a hash of it alone').waitFor();
    const text = await shownText(page);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.reload();
    await row(page, 'mine').getByText('this session').waitFor();
    assert.deepEqual([await status(token), await status(text)], [401, 200]);
    await row(page, 'mine').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('You are signed in with it').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click();
    await page.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('one that may do little sees itself, and is offered no more than it has', async () => {
    const [reader, maker] = [await make('reader', ['tokens:read']), await make('maker', ['tokens:edit', 'dns:read'])];
    await using narrow = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    await signIn(narrow.page, reader.token, '/tokens');
    await row(narrow.page, 'reader').waitFor();
    assert.equal(await narrow.page.getByRole('button', { name: /Make|Change|New text|Revoke/ }).count(), 0);
    await mustBeAccessible(narrow.page);
    await screenshot(narrow.page, 'tokens-narrow');
    await using other = await lookAt(browser, { base: postern.base, width: 390 });
    await signIn(other.page, maker.token, '/tokens');
    await other.page.getByRole('button', { name: 'Make a token' }).click();
    const form = other.page.getByRole('dialog', { name: 'Make a token' });
    assert.ok(await form.getByLabel('dns:read').isEnabled());
    assert.ok(await form.getByLabel('dns:edit').isDisabled());
    await mustBeAccessible(other.page);
    await screenshot(other.page, 'tokens-form-narrow');
    for (const { page, complaints } of [narrow, other]) {
      await mustFit(page);
      assert.deepEqual(complaints, []);
    }
  });

  test('a token is made for one account, whose name no page takes for markup', async () => {
    const account = await postern.call<{ readonly id: string }>('POST', '/accounts', { name: MARKUP });
    await using looking = await lookAt(browser, { base: postern.base, width: 390 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/tokens');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const form = page.getByRole('dialog', { name: 'Make a token' });
    await form.getByLabel('Name', { exact: true }).fill('of-one-account');
    await form.getByLabel('zone:read').check();
    await form.getByLabel('Zones', { exact: true }).selectOption('some');
    await form.getByLabel('Names of the zones').fill('shop.test');
    await form.getByLabel('Accounts', { exact: true }).selectOption('some');
    await form.getByLabel(MARKUP).check();
    await form.getByRole('button', { name: 'Make it' }).click();
    await form.getByText('must be a zone of the accounts named').waitFor();
    assert.match(await form.locator('.field.wrong label').innerText(), /^Names of the zones/);
    await form.getByLabel('Zones', { exact: true }).selectOption('all');
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'tokens-accounts-narrow');
    await form.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: 'I have it' }).click();
    await row(page, 'of-one-account').getByRole('button', { name: 'Change' }).click();
    const change = page.getByRole('dialog', { name: 'Change of-one-account' });
    assert.ok(await change.getByLabel(MARKUP).isChecked());
    await change.getByRole('button', { name: 'Cancel' }).click();
    const made = (await list()).find(({ name }) => name === 'of-one-account');
    assert.deepEqual([made?.zones, made?.accounts], ['all', [account.result.id]]);
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`who is signed in with a token is seen, and signed out (${theme})`, async () => {
      const { token, name } = await make(`shared-${theme}`, ['tokens:edit', 'zone:read']);
      const looks = await Promise.all(
        [0, 1, 2].map((at) => lookAt(browser, { base: postern.base, theme, ...(at === 1 ? { width: 390 } : {}) })),
      );
      await using of = new AsyncDisposableStack();
      for (const look of looks) of.use(look);
      const [first, second, third] = looks.map(({ page }) => page);
      if (first === undefined || second === undefined || third === undefined) assert.fail('three browsers');
      for (const page of [first, second, third]) await signIn(page, token, '/tokens');
      await row(second, name).getByRole('button', { name: 'Sessions' }).click();
      const dialog = second.getByRole('dialog', { name: `Signed in with ${name}` });
      const sessions = dialog.getByRole('row').filter({ has: second.getByRole('button', { name: 'End the session' }) });
      await mustCount(sessions, 3);
      await sessions.filter({ hasText: 'this session' }).waitFor();
      await sessions.first().getByText('127.0.0.1').waitFor();
      await mustBeAccessible(second);
      await mustFit(second);
      await screenshot(second, `tokens-sessions-narrow-${theme}`);
      await sessions.first().getByRole('button', { name: 'End the session' }).click();
      const question = second.getByRole('dialog', { name: 'End a session' });
      await question.getByText('That browser is signed out at once').waitFor();
      await mustBeAccessible(second);
      await question.getByRole('button', { name: 'End it' }).click();
      await mustCount(sessions, 2);
      await first.reload();
      await first.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
      await dialog.getByRole('button', { name: 'End all others' }).click();
      const all = second.getByRole('dialog', { name: `End all others of ${name}` });
      await all.getByRole('button', { name: 'End all others' }).click();
      await mustCount(sessions, 1);
      await third.reload();
      await third.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
      await sessions.getByRole('button', { name: 'End the session' }).click();
      await question.getByText('This is your own session').waitFor();
      await question.getByRole('button', { name: 'End it' }).click();
      await second.getByRole('heading', { name: 'Sign in to Postern' }).waitFor();
      assert.deepEqual(
        looks.flatMap(({ complaints }) => complaints),
        [],
      );
    });
  }

  for (const theme of THEMES) {
    test(`all tokens are listed and searched (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/tokens');
      await row(page, 'reader').waitFor();
      await page.getByRole('link', { name: 'shop.test' }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `tokens-${theme}`);
      await page.getByRole('searchbox', { name: 'Search tokens' }).fill('dns:edit');
      await row(page, 'reader').waitFor({ state: 'detached' });
      await page.getByRole('searchbox', { name: 'Search tokens' }).fill('nothing like it');
      await page.getByText('No token has this').waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  test('the bootstrap token is exchanged for one of its owner, and then is worth nothing', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/tokens');
    await page.getByRole('button', { name: 'Replace the bootstrap token' }).click();
    const form = page.getByRole('dialog', { name: 'A token in place of bootstrap' });
    await form.getByText('the bootstrap token ends for good').waitFor();
    assert.ok(await form.getByLabel('*', { exact: true }).isChecked());
    await form.getByRole('button', { name: 'Make it' }).click();
    const exchange = page.getByRole('button', { name: /sign in with it, and revoke/ });
    await exchange.waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'tokens-exchange');
    const text = await shownText(page);
    await exchange.click();
    await page.getByText('You are signed in with operator').waitFor();
    await row(page, 'operator').getByText('this session').waitFor();
    await page.getByText('You are signed in with the bootstrap token').waitFor({ state: 'detached' });
    assert.deepEqual([await status(postern.token), await status(text)], [401, 200]);
    assert.deepEqual(complaints, []);
  });
});
