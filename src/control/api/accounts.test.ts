import assert from 'node:assert/strict';
import { test } from 'node:test';
import Cloudflare from 'cloudflare';
import { codes, idOf, type Json, type StartedApi, startApi, textOf } from './api.fixture.ts';
import { ROUTES } from './table.ts';

/** A new account. */
async function account({ call }: Pick<StartedApi, 'call'>, name: string): Promise<string> {
  const made = await call('POST', '/accounts', { name });
  assert.equal(made.status, 200, JSON.stringify(made.errors));
  return idOf(made.result);
}

/** A zone of an account. */
async function zoneIn({ call }: Pick<StartedApi, 'call'>, id: string, name: string): Promise<string> {
  const made = await call('POST', '/zones', { name, account: { id } });
  assert.equal(made.status, 200, JSON.stringify(made.errors));
  return idOf(made.result);
}

/** The header of a new token. */
async function bearer({ call }: Pick<StartedApi, 'call'>, draft: object): Promise<{ readonly authorization: string }> {
  const made = await call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['*'], zones: 'all', ...draft });
  assert.equal(made.status, 200, JSON.stringify(made.errors));
  return { authorization: `Bearer ${textOf(made.result['token'])}` };
}

function texts(items: Json | undefined, field: string): readonly string[] {
  return [...(items ?? [])].map((one) => textOf(one[field]));
}

test('an account is made, renamed, listed and deleted, and each step is in the audit log', async (t) => {
  const api = await startApi(t);
  const { call, plane } = api;
  const made = await call('POST', '/accounts', { name: 'Shop', type: 'enterprise' });
  const id = idOf(made.result);
  assert.deepEqual([made.result['name'], made.result['type']], ['Shop', 'enterprise']);
  const renamed = await call('PUT', `/accounts/${id.toUpperCase()}`, { name: 'Shop Ltd', settings: {} });
  assert.deepEqual([renamed.result['name'], renamed.result['type']], ['Shop Ltd', 'enterprise']);
  assert.equal(renamed.messages[0]?.code, 20101);
  assert.deepEqual((await call('GET', `/accounts/${id}`)).result, renamed.result);
  assert.deepEqual(texts((await call('GET', '/accounts')).result, 'name'), ['Shop Ltd', 'default']);
  assert.deepEqual(texts((await call('GET', '/accounts?name=default')).result, 'id'), [plane.installation.account]);
  assert.equal((await call('GET', `/accounts/${id}/tokens/verify`)).status, 200);
  assert.deepEqual((await call('DELETE', `/accounts/${id}`)).result, { id });
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const gone = await call(method, `/accounts/${id}`, method === 'PUT' ? { name: 'x' } : undefined);
    assert.deepEqual([gone.status, codes(gone)], [404, [7003]], method);
  }
  const log = [...(await call('GET', '/postern/v1/audit')).result];
  assert.deepEqual(
    log.map((entry) => [entry['action'], entry['before']?.['name'], entry['after']?.['name'], entry['account']]),
    [
      ['delete_account', 'Shop Ltd', undefined, id],
      ['update_account', 'Shop', 'Shop Ltd', id],
      ['create_account', undefined, 'Shop', id],
    ],
  );
});

test('names that no account can have are refused with the field', async (t) => {
  const { call } = await startApi(t);
  for (const body of [{}, { name: '' }, { name: 7 }, { name: 'a'.repeat(256) }, { name: ['a'] }]) {
    const refused = await call('POST', '/accounts', body);
    assert.deepEqual([refused.status, refused.errors[0]?.source?.pointer], [400, '/name'], JSON.stringify(body));
  }
  assert.equal((await call('POST', '/accounts', { name: 'a', type: 'gold' })).errors[0]?.source?.pointer, '/type');
});

test('an account with zones and the default account stay, with the reason', async (t) => {
  const api = await startApi(t);
  const shop = await account(api, 'Shop');
  const zone = await zoneIn(api, shop, 'shop.test');
  assert.deepEqual(codes(await api.call('DELETE', `/accounts/${shop}`)), [7405]);
  assert.deepEqual(codes(await api.call('DELETE', `/accounts/${api.plane.installation.account}`)), [7406]);
  await api.call('DELETE', `/zones/${zone}`);
  assert.equal((await api.call('DELETE', `/accounts/${shop}`)).status, 200);
  assert.deepEqual(codes(await api.call('POST', '/zones', { name: 'late.test', account: { id: shop } })), [7404]);
});

test('no zone comes into an account that goes at the same moment', async (t) => {
  const api = await startApi(t);
  const shop = await account(api, 'Shop');
  const [made, deleted] = await Promise.all([
    api.call('POST', '/zones', { name: 'shop.test', account: { id: shop } }),
    api.call('DELETE', `/accounts/${shop}`),
  ]);
  assert.deepEqual(
    [made.status, codes(made), deleted.status, codes(deleted)],
    deleted.status === 200 ? [400, [7404], 200, []] : [200, [], 400, [7405]],
  );
});

test('a zone shows its own account, and lists are filtered and ordered by it', async (t) => {
  const api = await startApi(t);
  const [shop, bank] = [await account(api, 'Shop'), await account(api, 'Bank')];
  await zoneIn(api, shop, 'a.test');
  await zoneIn(api, bank, 'b.test');
  await api.zone('c.test');
  const { result } = await api.call('GET', '/zones?name=a.test');
  const [zone] = result;
  assert.deepEqual(zone?.['account'], { id: shop, name: 'Shop' });
  assert.deepEqual(zone?.['owner'], { id: shop, name: 'Shop', type: 'organization' });
  const names = async (query: string) => texts((await api.call('GET', `/zones?${query}`)).result, 'name');
  assert.deepEqual(await names(`account.id=${shop.toUpperCase()}`), ['a.test']);
  assert.deepEqual(await names(`account.id=${'0'.repeat(32)}`), []);
  assert.deepEqual(await names('account.name=bank'), ['b.test']);
  assert.deepEqual(await names('account.name=contains:a&order=account.name'), ['b.test', 'c.test']);
  assert.deepEqual(await names('order=account.name'), ['b.test', 'a.test', 'c.test']);
  await api.call('PUT', `/accounts/${shop}`, { name: 'Zoo' });
  assert.deepEqual(await names('order=account.name&direction=desc'), ['c.test', 'a.test', 'b.test']);
});

test('zones above, below and of the name of another account’s zone are refused', async (t) => {
  const api = await startApi(t);
  const shop = await account(api, 'Shop');
  await zoneIn(api, shop, 'shop.test');
  await zoneIn(api, shop, 'deep.below.test');
  const create = async (name: string) => codes(await api.call('POST', '/zones', { name }));
  assert.deepEqual(await create('www.shop.test'), [1116]);
  assert.deepEqual(await create('below.test'), [1116]);
  assert.deepEqual(await create('shop.test'), [1061]);
  await zoneIn(api, shop, 'www.shop.test');
});

test('a record that names a host of another account as server name is refused', async (t) => {
  const api = await startApi(t);
  const shop = await account(api, 'Shop');
  await zoneIn(api, shop, 'shop.test');
  await zoneIn(api, shop, 'more.test');
  const zone = await api.zone('mine.test');
  const origin = { server_name: 'www.shop.test' };
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  const refused = await api.call('POST', `/zones/${zone}/dns_records`, { ...record, origin });
  assert.deepEqual([refused.status, codes(refused)], [400, [1117]]);
  assert.equal(refused.errors[0]?.source?.pointer, '/origin/server_name');
  const { result } = await api.call('POST', `/zones/${zone}/dns_records`, record);
  assert.deepEqual(codes(await api.call('PATCH', `/zones/${zone}/dns_records/${idOf(result)}`, { origin })), [1117]);
  const [, more] = texts((await api.call('GET', `/zones?account.id=${shop}`)).result, 'id');
  assert.equal((await api.call('POST', `/zones/${more}/dns_records`, { ...record, origin })).status, 200);
});

test('the plan says what the edge does where another account’s zone came after the record', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone('mine.test');
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  await api.call('POST', `/zones/${zone}/dns_records`, { ...record, origin: { server_name: 'www.shop.test' } });
  await api.call('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
  const owner = await bearer(api, { accounts: [api.plane.installation.account] });
  const plan = async () => {
    const path = `/postern/v1/zones/${zone}/hostnames/www.mine.test/plan`;
    const { result } = await api.call('GET', path, undefined, owner);
    return [result['https']?.['kind'], result['https']?.['because']];
  };
  assert.deepEqual(await plan(), ['present', 'zone']);
  const other = await zoneIn(api, await account(api, 'Shop'), 'shop.test');
  assert.deepEqual(await plan(), ['present', 'zone'], 'no host of that name is served');
  await api.call('POST', `/zones/${other}/dns_records`, record);
  // The token sees nothing of that zone, and yet what is true of its own.
  assert.equal((await api.call('GET', `/zones/${other}`, undefined, owner)).status, 404);
  assert.deepEqual(await plan(), ['refuse', 'server_name_foreign']);
});

test('of other accounts a token sees no more than of accounts and zones that do not exist', async (t) => {
  const api = await startApi(t);
  const [shop, bank] = [await account(api, 'Shop'), await account(api, 'Bank')];
  const own = await zoneIn(api, shop, 'shop.test');
  const other = await zoneIn(api, bank, 'bank.test');
  const mine = await bearer(api, { accounts: ['Shop'] });
  const nothing = '0'.repeat(32);
  let compared = 0;
  for (const { method, path, permission } of ROUTES) {
    if (permission === null || !/\/:(?:zone|account)/.test(path)) continue;
    const body = method.startsWith('P') ? { name: 'x' } : undefined;
    const at = (zone: string, id: string) =>
      path.replace(':zone', zone).replace(':account', id).replace(/:\w+/, '0').replace(/:\w+/, '0');
    const hidden = await api.call(method, at(other, bank), body, mine);
    const missing = await api.call(method, at(nothing, nothing), body, mine);
    assert.deepEqual([hidden.status, hidden.errors], [missing.status, missing.errors], `${method} ${path}`);
    assert.ok(hidden.status >= 400, `${method} ${path}`);
    compared += 1;
  }
  assert.ok(compared > 40);
  const get = async (path: string) => (await api.call('GET', path, undefined, mine)).result;
  assert.deepEqual(texts(await get('/accounts'), 'id'), [shop]);
  assert.deepEqual(texts(await get('/zones'), 'id'), [own]);
  assert.deepEqual(texts(await get(`/zones?account.id=${bank}`), 'id'), []);
  assert.deepEqual(texts(await get('/zones?name=bank.test'), 'id'), []);
  assert.equal((await get('/postern/v1/installation'))['account'], null);
  const log = [...(await get('/postern/v1/audit'))];
  assert.deepEqual(
    log.map((entry) => [entry['action'], entry['account']]),
    [
      ['create_zone', shop],
      ['create_account', shop],
    ],
  );
  const stream = await api.app.inject({ url: '/postern/v1/events?follow=false&last_event_id=x', headers: mine });
  assert.ok(!stream.body.includes('bank'));
  assert.equal((await api.call('GET', `/zones/${other}`)).status, 200);
});

test('the log of a zone that is gone stays with its account', async (t) => {
  const api = await startApi(t);
  const shop = await account(api, 'Shop');
  const zone = await zoneIn(api, shop, 'shop.test');
  await api.call('DELETE', `/zones/${zone}`);
  const actions = async (accounts: readonly string[]) => {
    const reader = await bearer(api, { permissions: ['audit:read'], accounts });
    return texts((await api.call('GET', `/postern/v1/audit?zone=${zone}`, undefined, reader)).result, 'action');
  };
  assert.deepEqual(await actions([shop]), ['delete_zone', 'create_zone']);
  assert.deepEqual(await actions([api.plane.installation.account]), []);
});

test('a token makes zones only in its accounts, and in the only one without naming it', async (t) => {
  const api = await startApi(t);
  const [shop, bank] = [await account(api, 'Shop'), await account(api, 'Bank')];
  const mine = await bearer(api, { accounts: [shop] });
  const made = await api.call('POST', '/zones', { name: 'a.test' }, mine);
  assert.deepEqual(made.result['account'], { id: shop, name: 'Shop' });
  for (const id of [bank, api.plane.installation.account, '0'.repeat(32)]) {
    const refused = await api.call('POST', '/zones', { name: 'b.test', account: { id } }, mine);
    assert.deepEqual([refused.status, codes(refused)], [400, [7404]], id);
  }
  const both = await bearer(api, { accounts: [shop, bank] });
  const unclear = await api.call('POST', '/zones', { name: 'b.test' }, both);
  assert.deepEqual([unclear.status, unclear.errors[0]?.source?.pointer], [400, '/account/id']);
  const some = await bearer(api, { zones: ['a.test'] });
  assert.equal((await api.call('POST', '/zones', { name: 'b.test' }, some)).status, 403);
  const refused = await api.call('POST', '/accounts', { name: 'Third' }, mine);
  assert.deepEqual([refused.status, codes(refused)], [403, [9109]]);
  assert.equal((await api.call('PUT', `/accounts/${shop}`, { name: 'Ours' }, mine)).result['name'], 'Ours');
});

test('events tell of accounts and zones to those who may see them', async (t) => {
  const api = await startApi(t);
  const [shop, bank] = [await account(api, 'Shop'), await account(api, 'Bank')];
  const mine = await bearer(api, { accounts: [shop] });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const stop = new AbortController();
  const response = await fetch(`${address}/postern/v1/events`, { headers: mine, signal: stop.signal });
  const reader = (response.body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader();
  await api.call('PUT', `/accounts/${bank}`, { name: 'Hidden' });
  await zoneIn(api, bank, 'hidden.test');
  await api.call('PUT', `/accounts/${shop}`, { name: 'Shown' });
  await zoneIn(api, shop, 'shown.test');
  let heard = '';
  while (!heard.includes('shown.test')) heard += (await reader.read()).value ?? assert.fail(heard);
  stop.abort();
  assert.match(heard, /event: account_changed\ndata: .*"update_account".*"Shown"/);
  assert.doesNotMatch(heard, /hidden/i);
});

test('SDK: accounts are created, read, renamed, listed and deleted', async (t) => {
  const { app, token } = await startApi(t);
  const baseURL = `${await app.listen({ host: '127.0.0.1', port: 0 })}/client/v4`;
  const cloudflare = new Cloudflare({ apiToken: token, baseURL, maxRetries: 0 });
  const { id: account_id } = await cloudflare.accounts.create({ name: 'Shop', type: 'standard' });
  const read = await cloudflare.accounts.get({ account_id });
  const updated = await cloudflare.accounts.update({ account_id, ...read, name: 'Shop Ltd' });
  assert.equal(updated.name, 'Shop Ltd');
  const zone = await cloudflare.zones.create({ account: { id: account_id }, name: 'shop.test' });
  assert.equal(zone.account.name, 'Shop Ltd');
  const found = [];
  for await (const one of cloudflare.zones.list({ account: { id: account_id } })) found.push(one.id);
  assert.deepEqual(found, [zone.id]);
  assert.equal((await cloudflare.accounts.tokens.verify({ account_id })).status, 'active');
  await assert.rejects(async () => cloudflare.accounts.delete({ account_id }), Cloudflare.BadRequestError);
  await cloudflare.zones.delete({ zone_id: zone.id });
  assert.deepEqual(await cloudflare.accounts.delete({ account_id }), { id: account_id });
});
