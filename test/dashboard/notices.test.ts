import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { clientAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, trust, zonePull } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
/** Within a distinguished name (RFC 4514). */
const ESCAPED = /img src=x onerror=alert\(1\)/;

/** A receiver of webhooks: what it got, by the name of the header that signs it. */
interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly signatures: readonly string[];
}

async function startReceiver(): Promise<Receiver> {
  const signatures: string[] = [];
  const server: Server = createServer((request, response) => {
    signatures.push(String(request.headers['webhook-signature']));
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    signatures,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

describe('notices and edges', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    const argv = ['--attest-every', '1h', '--public-address', 'edge.example.test:443,192.0.2.9'];
    [postern, browser] = await Promise.all([startPostern({ argv }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('a notice is seen as it comes, its words are text, and notices are filtered', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/notices');
    await page.getByText('Nothing was said yet.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'notices-empty');
    const zone = await createZone(postern, 'said.test', null);
    await trust(postern, zone, { ca: (await clientAuthority(MARKUP)).ca, issue: () => assert.fail('issues nothing') });
    // Nobody answers there. A look at a lock is when Postern sees to what else there is to say of its zone.
    await addRecord(postern, zone, { name: 'www', origin: { https_port: 1 } });
    await zonePull(postern, zone, true);
    await postern.call('POST', `/postern/v1/zones/${zone}/attestations`, {});
    await page.getByText(ESCAPED).waitFor();
    await page.getByRole('radio', { name: 'Critical' }).check();
    await page.waitForURL(/severity=critical/);
    await page.getByText(ESCAPED).waitFor();
    await page.getByLabel('About').selectOption('A lock is open');
    await page.getByText('No notice is like this.').waitFor();
    await page.getByLabel('About').selectOption('A trusted origin CA ends');
    await page.getByText(ESCAPED).waitFor();
    await page.getByLabel('Only of the zone').fill('nowhere.test');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('alert').getByText('must be the id or name of a zone').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'notices-refused');
    await page.getByLabel('Only of the zone').fill('said.test');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/zone=said\.test/);
    await page.getByText(ESCAPED).waitFor();
    await page.goto('/dashboard/zones/said.test');
    await page.getByText('1 critical not seen to yet.').waitFor();
    await page.getByText('As a table').last().click();
    await page.getByText(ESCAPED).first().waitFor();
    await mustBeAccessible(page);
    assert.deepEqual(complaints, []);
  });

  test('a channel takes some kinds of some accounts, and is changed back to all', async () => {
    const account = await postern.call<{ readonly id: string }>('POST', '/accounts', { name: MARKUP });
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/notices');
    await page.getByRole('button', { name: 'Add a channel' }).click();
    const form = page.getByRole('dialog', { name: 'Add a channel' });
    await form.getByLabel('Name').fill('narrow');
    await form.getByLabel('Address').fill('https://hooks.example.test/');
    await form.getByLabel('Kinds of notices').selectOption('some');
    await form.getByRole('button', { name: 'Add the channel', exact: true }).click();
    await form.getByRole('group', { name: 'Which kinds' }).getByRole('alert').waitFor();
    await form.getByLabel('A lock is open').check();
    await form.getByLabel('Looks are paused').check();
    await form.getByLabel('Accounts', { exact: true }).selectOption('some');
    await form.getByLabel(MARKUP).check();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'channel-kinds-dark-narrow');
    await page.reload();
    await page.getByRole('button', { name: 'Add a channel' }).click();
    assert.ok(await form.getByLabel('Looks are paused').isChecked());
    await form.getByText('API call').click();
    await form.getByText(/"lock_open"/).waitFor();
    await form.getByRole('button', { name: 'Add the channel', exact: true }).click();
    await page.getByRole('button', { name: 'I have it' }).click();
    const channel = async () => {
      const { result } = await postern.call<readonly { name: string; codes: unknown; accounts: unknown }[]>(
        'GET',
        '/postern/v1/notice_channels',
      );
      return result.find(({ name }) => name === 'narrow') ?? assert.fail('no such channel');
    };
    const made = await channel();
    assert.deepEqual([made.codes, made.accounts], [['lock_open', 'looks_paused'], [account.result.id]]);
    await page.getByRole('button', { name: 'Change narrow' }).click();
    const change = page.getByRole('dialog', { name: 'Change narrow' });
    assert.ok(await change.getByLabel(MARKUP).isChecked());
    await change.getByLabel('Kinds of notices').selectOption('all');
    await change.getByLabel('Accounts', { exact: true }).selectOption('all');
    await change.getByRole('button', { name: 'Change it' }).click();
    await change.waitFor({ state: 'detached' });
    const changed = await channel();
    assert.deepEqual([changed.codes, changed.accounts], [null, 'all']);
    await page.getByRole('button', { name: 'Delete narrow' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('button', { name: 'Delete narrow' }).waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`a channel is added, tried, given another secret and deleted (${theme})`, async () => {
      await using receiver = await startReceiver();
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/notices');
      await page.getByRole('button', { name: 'Add a channel' }).click();
      const form = page.getByRole('dialog', { name: 'Add a channel' });
      await form.getByLabel('Name').fill(MARKUP);
      await form.getByLabel('Address').fill('ftp://hooks.example.test/');
      await form.getByLabel('Only of these zones').fill('nowhere.test');
      await form.getByRole('button', { name: 'Add the channel', exact: true }).click();
      await form.locator('.field-problem').first().waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `channel-refused-${theme}`);
      await page.reload();
      await page.getByRole('button', { name: 'Add a channel' }).click();
      assert.equal(await form.getByLabel('Address').inputValue(), 'ftp://hooks.example.test/');
      await form.getByLabel('Address').fill(receiver.url);
      await form.getByLabel('Only of these zones').fill('');
      await form.getByRole('button', { name: 'Add the channel', exact: true }).click();
      const secret = page.getByRole('dialog', { name: 'The secret of' });
      const first = await secret.locator('code').innerText();
      await mustBeAccessible(page);
      await screenshot(page, `channel-secret-${theme}`);
      await secret.getByRole('button', { name: 'I have it' }).click();
      await mustCount(page.getByText(first), 0);
      await page.getByRole('button', { name: 'Test' }).click();
      await page.getByRole('button', { name: 'Deliveries' }).click();
      const deliveries = page.getByRole('dialog', { name: 'Deliveries of' });
      await deliveries.getByText('Delivered').waitFor();
      assert.equal(receiver.signatures.length, 1);
      await mustBeAccessible(page);
      await screenshot(page, `deliveries-${theme}`);
      await deliveries.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'New secret' }).click();
      await page.getByRole('button', { name: 'Give it another secret' }).click();
      assert.notEqual(await secret.locator('code').innerText(), first);
      await secret.getByRole('button', { name: 'I have it' }).click();
      await page.getByRole('switch', { name: 'On:' }).click();
      const question = page.getByRole('dialog', { name: /^Switch .* off$/ });
      await question.getByText('No other channel takes all of these notices').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `channel-off-asked-${theme}`);
      await question.getByRole('button', { name: 'Switch it off' }).click();
      await page.locator('[role=switch][aria-checked=false]').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `notices-${theme}`);
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete it' }).click();
      await page.getByText('No channel yet').waitFor();
      assert.deepEqual((await postern.call('GET', '/postern/v1/notice_channels')).result, []);
      assert.deepEqual(complaints, []);
    });
  }

  test('who may only read notices can change nothing, on a narrow screen too', async () => {
    const body = { name: 'reader', permissions: ['zone:read', 'notices:read', 'edges:read'], zones: 'all' };
    const { token } = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body)).result;
    await postern.call('POST', '/postern/v1/notice_channels', {
      name: 'ops',
      kind: 'webhook',
      url: 'https://hooks.example.test/',
    });
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, token, '/notices');
    await page.getByRole('row', { name: /hooks\.example\.test/ }).waitFor();
    assert.ok(await page.getByRole('switch').isDisabled());
    for (const name of ['Add a channel', 'Test', 'Delete', 'Change'])
      assert.equal(await page.getByRole('button', { name }).count(), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'notices-narrow');
    await mustFit(page);
    await page.goto('/dashboard/edges');
    await page.getByRole('row', { name: /local-1/ }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Change' }).count(), 0);
    await mustBeAccessible(page);
    await mustFit(page);
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`an edge has each change in force, and its addresses are said (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/edges');
      const edge = page.getByRole('row', { name: /local-1 Up to date/ });
      await edge.waitFor();
      const revision = Number(await edge.locator('td').nth(1).innerText());
      await edge.getByText('edge.example.test:443').waitFor();
      await edge.getByText(`192.0.2.9:${postern.https}`).waitFor();
      await edge.getByText('as somebody said').waitFor();
      await createZone(postern, `${theme}.test`, null);
      await page.getByRole('cell', { name: String(revision + 1), exact: true }).waitFor();
      await page.getByRole('button', { name: 'Change' }).click();
      const form = page.getByRole('dialog', { name: 'Addresses of the edges' });
      await form.getByLabel('Networks').fill('192.0.2.0/24\n0.0.0.0/0');
      await form.getByRole('button', { name: 'Save the addresses' }).click();
      await form.locator('.field-problem').waitFor();
      await mustBeAccessible(page);
      await page.reload();
      await page.getByRole('button', { name: 'Change' }).click();
      assert.equal(await form.getByLabel('Networks').inputValue(), '192.0.2.0/24\n0.0.0.0/0');
      await form.getByLabel('Networks').fill('192.0.2.0/24\n2001:db8::/48');
      await form.getByRole('button', { name: 'Save the addresses' }).click();
      await form.waitFor({ state: 'detached' });
      await page.getByText('192.0.2.0/24').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `edges-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }
});
