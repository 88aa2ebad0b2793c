import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';

const RECORD = { type: 'A', name: 'www', content: '192.0.2.1', proxied: true, comment: 'the shop' };

describe('several at once, and sessions that end', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const zoneNamed = async (name: string) =>
    (await postern.call<{ readonly id: string }>('POST', '/zones', { name })).result.id;
  const record = async (zone: string) => {
    const { result } = await postern.call<readonly Record<string, unknown>[]>('GET', `/zones/${zone}/dns_records`);
    return result[0];
  };
  const field = (dialog: Locator, name: string) => dialog.getByLabel(new RegExp(`^${name}\\b`));

  test('two who change one record: each is told what the other did, and neither undoes it', async () => {
    const zone = await zoneNamed('shared.test');
    await postern.call('POST', `/zones/${zone}/dns_records`, { ...RECORD, origin: { https_port: 8443 } });
    await using one = await lookAt(browser, { base: postern.base });
    await using other = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const dialogs: Locator[] = [];
    for (const { page } of [one, other]) {
      await signIn(page, postern.token, '/zones/shared.test/dns');
      await page.getByRole('button', { name: 'Change www.shared.test' }).click();
      dialogs.push(page.getByRole('dialog', { name: 'Change www.shared.test', exact: true }));
    }
    const [first = assert.fail(), second = assert.fail()] = dialogs;
    await field(second, 'Comment').fill('the shop, moved');
    await field(second, 'HTTP port').fill('8080');
    await first.getByLabel('Content').fill('192.0.2.2');
    await field(first, 'HTTPS port').fill('9443');
    await field(first, 'Comment').fill('moved');
    await first.getByRole('button', { name: 'Save', exact: true }).click();
    const weighed = one.page.getByRole('dialog', { name: 'Change www.shared.test: what follows' });
    await weighed.getByRole('button', { name: 'Save', exact: true }).click();
    await first.waitFor({ state: 'detached' });

    await second.getByText('Changed meanwhile by somebody else').waitFor();
    await second.getByText('Content is now 192.0.2.2. It stays so.').waitFor();
    await second.getByText('HTTPS port is now 9443. It stays so.').waitFor();
    await second.getByText('Comment is now moved. Saving puts yours in its place.').waitFor();
    await mustBeAccessible(other.page);
    await screenshot(other.page, 'dns-changed-meanwhile-dark');
    await second.getByRole('button', { name: 'Save', exact: true }).click();
    await second.waitFor({ state: 'detached' });
    const { content, comment, origin } = (await record(zone)) ?? {};
    assert.deepEqual(
      [content, comment, origin],
      ['192.0.2.2', 'the shop, moved', { https_port: 9443, http_port: 8080 }],
    );
    assert.deepEqual([...one.complaints, ...other.complaints], []);
  });

  test('who changes what another deletes is told so, and what was typed stays', async () => {
    const zone = await zoneNamed('gone.test');
    await postern.call('POST', `/zones/${zone}/dns_records`, RECORD);
    await using one = await lookAt(browser, { base: postern.base });
    await using other = await lookAt(browser, { base: postern.base });
    await signIn(one.page, postern.token, '/zones/gone.test/dns');
    await signIn(other.page, postern.token, '/zones/gone.test/dns');
    await other.page.getByRole('button', { name: 'Change www.gone.test' }).click();
    const dialog = other.page.getByRole('dialog', { name: 'Change www.gone.test' });
    await dialog.getByLabel('Content').fill('192.0.2.9');
    await one.page.getByRole('button', { name: 'Delete www.gone.test' }).click();
    await one.page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await dialog.getByText('This record is not in the list any more').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/record/i)
      .first()
      .waitFor();
    assert.equal(await dialog.getByLabel('Content').inputValue(), '192.0.2.9');
    await mustBeAccessible(other.page);
    await screenshot(other.page, 'dns-deleted-meanwhile');
    assert.deepEqual([...one.complaints, ...other.complaints], []);
  });

  test('two who switch the same thing: the second sees it done, and what it asked before is told as it is now', async () => {
    const zone = await zoneNamed('switched.test');
    await postern.call('POST', `/zones/${zone}/dns_records`, RECORD);
    await using one = await lookAt(browser, { base: postern.base });
    await using other = await lookAt(browser, { base: postern.base });
    const proxied = ({ page }: { readonly page: Page }) =>
      page.getByRole('switch', { name: 'Proxied: www.switched.test' });
    for (const who of [one, other]) await signIn(who.page, postern.token, '/zones/switched.test/dns');
    await proxied(other).click();
    const question = other.page.getByRole('dialog', { name: 'Take www.switched.test off the edge' });
    await question.waitFor();
    await proxied(one).click();
    await one.page.getByRole('dialog').getByRole('button', { name: 'Take it off the edge' }).click();
    await other.page.locator('[role=switch][aria-checked=false]').waitFor();
    await question.getByRole('button', { name: 'Take it off the edge' }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal((await record(zone))?.['proxied'], false);
    assert.deepEqual([...one.complaints, ...other.complaints], []);
  });

  test('two in one set-up: what one gives up is gone for the other, who is asked whether to begin again', async () => {
    const zone = await zoneNamed('both.test');
    await postern.call('POST', `/zones/${zone}/dns_records`, RECORD);
    await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
    await postern.call('PUT', `/postern/v1/zones/${zone}/setups/www.both.test`, { choices: {} });
    await using one = await lookAt(browser, { base: postern.base });
    await using other = await lookAt(browser, { base: postern.base });
    for (const { page } of [one, other]) await signIn(page, postern.token, '/setup/both.test/www.both.test');
    await other.page.getByLabel('Server', { exact: true }).selectOption('nginx');
    await other.page.getByLabel('One command that writes the files').check();
    await other.page.getByLabel(/^Application/).fill('http://127.0.0.1:3000');
    await one.page.getByRole('button', { name: 'Give up' }).click();
    await one.page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click();
    await one.page.waitForURL(/\/setup$/);
    await other.page.getByText('No set-up of www.both.test is under way.').waitFor();
    await mustBeAccessible(other.page);
    await other.page.getByRole('button', { name: 'Begin' }).click();
    await other.page.getByRole('button', { name: 'Make the configuration' }).waitFor();
    assert.equal(await other.page.getByLabel(/^Application/).inputValue(), 'http://127.0.0.1:3000');
    assert.deepEqual([...one.complaints, ...other.complaints], []);
  });

  test('a session that ends in the middle of a form: after signing in again all is there as it was', async () => {
    const zone = await zoneNamed('ended.test');
    await postern.call('POST', `/zones/${zone}/dns_records`, RECORD);
    const body = { name: 'short', permissions: ['*'], zones: 'all' };
    const made = await postern.call<{ readonly id: string; readonly token: string }>(
      'POST',
      '/postern/v1/tokens',
      body,
    );
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, made.result.token, '/zones/ended.test/dns');
    await page.getByRole('button', { name: 'Add a record' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a record' });
    await field(dialog, 'Name').fill('api');
    await dialog.getByLabel('Content').fill('192.0.2.7');
    await field(dialog, 'Comment').fill('half-way');
    await postern.call('DELETE', `/postern/v1/tokens/${made.result.id}`);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('The session has ended. Sign in again; this page stays.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'session-ended');
    await page.getByLabel('API token').fill(postern.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'DNS' }).waitFor();
    await page.getByRole('button', { name: 'Add a record' }).click();
    assert.equal(await field(dialog, 'Name').inputValue(), 'api');
    assert.equal(await dialog.getByLabel('Content').inputValue(), '192.0.2.7');
    assert.equal(await field(dialog, 'Comment').inputValue(), 'half-way');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('row', { name: /api\.ended\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
