import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  authority,
  clientCertificate,
  codes,
  idOf,
  type Json,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';

const glance = (zone: string) => `/postern/v1/zones/${zone}/overview`;

async function twoZones({ call, zone }: StartedApi) {
  const [shop, blog] = [await zone('shop.test'), await zone('blog.test')];
  for (const id of [shop, blog])
    await call('POST', `/zones/${id}/dns_records`, { type: 'A', name: 'www', content: '127.0.0.1', proxied: true });
  await call('PUT', `/postern/v1/zones/${shop}/setups/www.shop.test`, { choices: {} });
  await call('PUT', `/postern/v1/zones/${blog}/setups/www.blog.test`, { choices: {} });
  return { shop, blog };
}

/** A token with these permissions, as the head of a call shows it. */
async function holding({ call }: StartedApi, permissions: readonly string[], zones: 'all' | readonly string[] = 'all') {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'mine', permissions, zones });
  return { authorization: `Bearer ${textOf(result['token'])}` };
}

const unreadable = (result: Json) => Object.keys(result).filter((part) => result[part] === null);

test('a zone at a glance says what its lists say of it, and nothing of another zone', async (t) => {
  const api = await startApi(t);
  const { shop } = await twoZones(api);
  const { result } = await api.call('GET', glance(shop));
  const told = async (path: string) => (await api.call('GET', path)).result;
  assert.deepEqual(result['row'], [...(await told('/postern/v1/overview/zones?search=shop'))][0]);
  assert.deepEqual(result['locks'], await told(`/postern/v1/zones/${shop}/lock`));
  const hostnames = (list: Json | undefined) => [...(list ?? [])].map((one) => one['hostname']);
  assert.deepEqual(hostnames(result['setups']), ['www.shop.test']);
  assert.deepEqual([...(result['notices'] ?? [])], [...(await told('/postern/v1/notices?zone=shop.test&limit=4'))]);
  for (const [part, renews] of [
    ['by_hand', false],
    ['renewing', true],
  ] as const) {
    const ends = [...(await told(`/postern/v1/expiries?within=90d&zone=shop.test&renews=${renews}`))];
    assert.deepEqual([...(result['ending']?.[part]?.['first'] ?? [])], ends);
    assert.equal(result['ending']?.[part]?.['count'], ends.length);
  }
});

test('how a zone is pulled says whether hostnames decide for themselves', async (t) => {
  const api = await startApi(t);
  const { shop } = await twoZones(api);
  const pulls = async () => (await api.call('GET', glance(shop))).result['pulls'];
  assert.deepEqual(await pulls(), {
    ssl: 'strict',
    tls_client_auth: 'off',
    origin_tls_client_auth: 'off',
    own_hostnames: false,
  });
  const upload = await clientCertificate(await authority());
  const path = `/zones/${shop}/origin_tls_client_auth/hostnames`;
  const { result } = await api.call('POST', `${path}/certificates`, upload);
  const config = [{ hostname: 'www.shop.test', cert_id: idOf(result), enabled: true }];
  await api.call('PUT', path, { config });
  assert.equal((await pulls())?.['own_hostnames'], true);
  await api.call('PUT', path, { config: [{ ...config[0], enabled: null }] });
  assert.equal((await pulls())?.['own_hostnames'], false);
});

test('a token is told what it may read, and of its own zones alone', async (t) => {
  const api = await startApi(t);
  const { shop, blog } = await twoZones(api);
  const of = async (permission: string) =>
    unreadable((await api.call('GET', glance(shop), undefined, await holding(api, [permission]))).result);
  assert.deepEqual(await of('ssl:read'), ['pulls', 'notices']);
  assert.deepEqual(await of('settings:read'), ['row', 'locks', 'setups', 'ending', 'notices']);
  assert.deepEqual(await of('notices:read'), ['row', 'locks', 'pulls', 'setups', 'ending']);
  assert.deepEqual(await of('dns:read'), ['row', 'locks', 'pulls', 'setups', 'ending', 'notices']);
  const alone = await holding(api, ['ssl:read', 'settings:read'], [shop]);
  assert.equal((await api.call('GET', glance(shop), undefined, alone)).status, 200);
  assert.deepEqual(codes(await api.call('GET', glance(blog), undefined, alone)), [7003]);
  const settingsOnly = await api.call('GET', glance(shop), undefined, await holding(api, ['settings:read']));
  assert.equal(settingsOnly.result['pulls']?.['own_hostnames'], null);
});
