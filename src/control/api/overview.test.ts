import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import {
  authority,
  clientCertificate,
  DAY,
  idOf,
  type Json,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';

const ROWS = '/postern/v1/overview/zones';

function names(rows: Json): string {
  return [...rows].map(({ zone }) => textOf(zone?.['name'])).join(' ');
}

async function threeZones({ call, zone }: StartedApi) {
  const ids = { shop: await zone('shop.test'), blog: await zone('blog.test'), wiki: await zone('wiki.test') };
  await call('POST', `/zones/${ids.shop}/dns_records`, { type: 'A', name: 'www', content: '127.0.0.1', proxied: true });
  await call('PUT', `/zones/${ids.shop}/origin_tls_client_auth/settings`, { enabled: true });
  return ids;
}

test('zones are listed in one row each, searched, sorted and paged', async (t) => {
  const api = await startApi(t);
  const { blog } = await threeZones(api);
  const list = async (query = '') => api.call('GET', `${ROWS}?${query}`);
  assert.equal(names((await list('sort=name')).result), 'blog.test shop.test wiki.test');
  assert.equal(names((await list('sort=hostnames&per_page=1')).result), 'shop.test');
  const second = await list('sort=name&per_page=2&page=2');
  assert.equal(names(second.result), 'wiki.test');
  assert.equal(second.result_info?.total_count, 3);
  assert.equal(names((await list('search=LO')).result), 'blog.test');
  assert.equal(names((await list(`search=${blog}`)).result), 'blog.test');
  assert.equal(names((await list('verdict=open')).result), '');
  assert.equal(names((await list('verdict=unattested&sort=name')).result), 'blog.test shop.test wiki.test');
  const [row] = (await list('search=shop')).result;
  assert.equal(row?.['hostnames']?.['served'], 1);
  assert.equal(row?.['next_end']?.['renews_itself'], true);
  assert.equal((await list('sort=size')).status, 400);
});

test('a row follows what is changed, and what is gone is listed no more', async (t) => {
  const api = await startApi(t);
  const { shop, wiki } = await threeZones(api);
  const row = async (search: string) => (await api.call('GET', `${ROWS}?search=${search}`)).result;
  assert.equal(names(await row('wiki')), 'wiki.test');
  await api.call('DELETE', `/zones/${wiki}`);
  assert.equal(names(await row('wiki')), '');
  await api.call('PATCH', `/zones/${shop}`, { paused: true });
  const [after] = await row('shop');
  assert.equal(after?.['paused'], true);
});

test('a row says until when nobody looks, and says so no more once that is over', async (t) => {
  let now = instant(Date.now());
  const api = await startApi(t, { clock: () => now });
  const { shop } = await threeZones(api);
  const pause = `/postern/v1/zones/${shop}/attestation_pause`;
  const told = async () => {
    const [row] = (await api.call('GET', `${ROWS}?search=shop`)).result;
    const { zones } = (await api.call('GET', '/postern/v1/overview')).result;
    return [row?.['looks_paused_until'], zones?.['looks_paused']];
  };
  assert.deepEqual(await told(), [null, 0]);
  await api.call('PUT', pause, { seconds: 3_600, reason: 'the datacentre moves' });
  assert.deepEqual(await told(), [new Date(now + 3_600_000).toISOString(), 1]);
  now = instant(now + 3_600_000);
  assert.deepEqual(await told(), [null, 0]);
  await api.call('PUT', pause, { seconds: 3_600, reason: 'it moves on' });
  await api.call('DELETE', pause);
  assert.deepEqual(await told(), [null, 0]);
});

test('what ends is listed with what renews itself, and an upload does not', async (t) => {
  const api = await startApi(t);
  const { shop } = await threeZones(api);
  const validity = { notBefore: instant(Date.now() - DAY), notAfter: instant(Date.now() + 20 * DAY) };
  const upload = await clientCertificate(await authority(), { validity });
  const { result } = await api.call('POST', `/zones/${shop}/origin_tls_client_auth`, upload);
  const found = async (query: string) => (await api.call('GET', `/postern/v1/expiries?${query}`)).result;
  const byHand = [...(await found('within=30d&zone=shop.test&renews=false'))];
  assert.deepEqual(
    byHand.map((one) => [one['what'], one['id']]),
    [['uploaded', result['id']]],
  );
  const own = [...(await found('within=36500d&zone=shop.test'))].map((one) => textOf(one['what']));
  assert.deepEqual([...new Set(own)].toSorted(), ['authority', 'managed', 'uploaded', 'visitor']);
  const everything = [...(await found('within=36500d'))].map((one) => textOf(one['ends_on']));
  assert.deepEqual(everything, everything.toSorted());
  assert.equal((await api.call('GET', '/postern/v1/expiries?within=soon')).status, 400);
  const { result: ending } = await api.call('GET', '/postern/v1/expiries/ending?within=36500d');
  assert.equal(ending['within_days'], 36_500);
  for (const [part, renews] of [
    ['by_hand', false],
    ['renewing', true],
  ] as const) {
    const ends = [...(await found(`within=36500d&renews=${renews}`))];
    assert.ok(ends.length > 0);
    assert.deepEqual([...(ending[part]?.['first'] ?? [])], ends);
    assert.equal(ending[part]?.['count'], ends.length);
  }
  assert.equal((await api.call('GET', '/postern/v1/expiries/ending?within=soon')).status, 400);
  assert.equal((await api.call('GET', '/postern/v1/expiries?zone=nobody.test')).status, 400);
});

test("a token that was made for a week was made to end, and is nobody's work", async (t) => {
  const api = await startApi(t);
  const made = async (name: string, days: number) => {
    const expires_on = new Date(Date.now() + days * DAY).toISOString();
    await api.call('POST', '/postern/v1/tokens', { name, permissions: ['zone:read'], zones: 'all', expires_on });
  };
  await made('set-up of www.shop.test', 7);
  await made('exporter', 9);
  const { result } = await api.call('GET', '/postern/v1/expiries?what=token');
  assert.deepEqual(
    [...result].map((one) => one['name']),
    ['exporter'],
  );
});

test('the overview counts zones and says what wants attention first', async (t) => {
  const api = await startApi(t);
  await threeZones(api);
  const { result } = await api.call('GET', '/postern/v1/overview');
  assert.equal(result['zones']?.['total'], 3);
  assert.equal(result['zones']?.['unattested'], 3);
  assert.equal(result['hostnames']?.['served'], 1);
  const [first] = result['attention']?.['first'] ?? assert.fail('nothing');
  assert.equal(first?.['code'], 'no_edge');
  assert.equal(first?.['page'], 'edges');
});

test('a token sees its own zones alone, and neither the edges nor what belongs to no zone', async (t) => {
  const api = await startApi(t);
  const { shop } = await threeZones(api);
  const draft = { name: 'mine', permissions: ['ssl:read', 'edges:read'], zones: [shop] };
  const { result: token } = await api.call('POST', '/postern/v1/tokens', draft);
  const bearer = { authorization: `Bearer ${textOf(token['token'])}` };
  const call = (path: string) => api.call('GET', path, undefined, bearer);
  assert.equal(names((await call(ROWS)).result), 'shop.test');
  const { result } = await call('/postern/v1/overview');
  assert.equal(result['zones']?.['total'], 1);
  assert.equal(result['edges'], null);
  const ends = [...(await call('/postern/v1/expiries?within=36500d')).result];
  assert.ok(ends.length > 0);
  assert.deepEqual([...new Set(ends.map(({ zone }) => textOf(zone?.['name'])))], ['shop.test']);
  const other = await call('/postern/v1/expiries?zone=blog.test');
  assert.equal(other.status, 400);
  const account = idOf((await api.call('POST', '/accounts', { name: 'another' })).result);
  const ofAccount = { ...draft, zones: 'all', accounts: [account] };
  const { result: made } = await api.call('POST', '/postern/v1/tokens', ofAccount);
  const fields = { authorization: `Bearer ${textOf(made['token'])}` };
  const seen = (await api.call('GET', '/postern/v1/overview', undefined, fields)).result;
  assert.deepEqual([seen['zones']?.['total'], seen['edges']], [0, null]);
});
