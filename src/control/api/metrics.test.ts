import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { type Instant, instant } from '../../domain/ids.ts';
import { METRICS } from '../../wire/metric-table.ts';
import type { Figures } from '../../wire/metrics.ts';
import { authority, codes, DAY, idOf, NOW, type StartedApi, startApi, textOf } from './api.fixture.ts';

const FIGURES: Figures = {
  total: { counters: { 'requests_total|https|1.1|2xx': 41, 'requests_total|http|1.1|3xx': 1 }, gauges: { pools: 3 } },
  edges: [
    {
      edge: 'local',
      workers: 2,
      snapshot: {
        counters: { 'requests_total|https|1.1|2xx': 41, 'requests_total|http|1.1|3xx': 1 },
        gauges: {
          requests_last_minute: 90,
          'visitor_connections|https': 4,
          'visitor_connections|http': 1,
          'origin_connections|busy': 2,
          'origin_connections|idle': 5,
          'origin_connections|opening': 1,
          pulls_waiting: 6,
        },
      },
    },
  ],
};
const figures = async () => FIGURES;

async function scrape({ app }: StartedApi, options: InjectOptions = {}) {
  const { statusCode, headers, body } = await app.inject({ url: '/metrics', ...options });
  const lines = body.split('\n');
  const value = (series: string) => lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1);
  return { status: statusCode, type: headers['content-type'], body, value };
}

async function bearer({ call }: StartedApi, rights: object) {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return { authorization: `Bearer ${textOf(result['token'])}` };
}

test('on this machine the figures need no token, and are those of edges and control plane together', async (t) => {
  const api = await startApi(t, { figures });
  await api.zone('a.test');
  const { status, type, value } = await scrape(api);
  assert.equal(status, 200);
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(value('postern_requests_total{scheme="https",protocol="1.1",status="2xx"}'), '41');
  assert.equal(value('postern_pools'), '3');
  assert.equal(value('postern_revision'), String(api.plane.revision()));
  assert.equal(value('postern_certificates{kind="managed",within="ever"}'), '1');
  assert.equal(value('postern_api_requests_total{status="2xx"}'), '1', 'the call that made the zone');
});

test('without an edge that counts there are the figures of the control plane', async (t) => {
  const { status, value } = await scrape(await startApi(t));
  assert.equal(status, 200);
  assert.equal(value('postern_revision'), '0');
});

test('what a proxy passes on, and what comes from elsewhere, needs a token', async (t) => {
  const api = await startApi(t, { figures });
  for (const name of ['x-forwarded-for', 'forwarded', 'via']) {
    assert.equal((await scrape(api, { headers: { [name]: '192.0.2.1' } })).status, 401, name);
  }
  for (const remoteAddress of ['192.0.2.1', '2001:db8::1', '10.0.0.1']) {
    assert.equal((await scrape(api, { remoteAddress })).status, 401, remoteAddress);
  }
  for (const remoteAddress of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1']) {
    assert.equal((await scrape(api, { remoteAddress })).status, 200, remoteAddress);
  }
});

test('a page in a browser of this machine cannot read the figures under a name of its own', async (t) => {
  const api = await startApi(t, { figures });
  const { status, body } = await scrape(api, { headers: { host: 'rebound.test' } });
  assert.equal(status, 421);
  assert.ok(!body.includes('postern_'));
});

test('a token counts where it has metrics:read and sees all zones; a bad one does not become none', async (t) => {
  const api = await startApi(t, { figures });
  const zone = await api.zone('a.test');
  const remoteAddress = '192.0.2.1';
  const may = await bearer(api, { permissions: ['metrics:read'] });
  assert.equal((await scrape(api, { remoteAddress, headers: may })).status, 200);
  const other = await bearer(api, { permissions: ['edges:read', 'zone:edit'] });
  assert.equal((await scrape(api, { remoteAddress, headers: other })).status, 403);
  const some = await bearer(api, { permissions: ['metrics:read'], zones: [zone] });
  assert.equal((await scrape(api, { remoteAddress, headers: some })).status, 403);
  const account = idOf((await api.call('POST', '/accounts', { name: 'another' })).result);
  const ofAccount = await bearer(api, { permissions: ['metrics:read'], accounts: [account] });
  assert.equal((await scrape(api, { remoteAddress, headers: ofAccount })).status, 403);
  const wrong = { authorization: 'Bearer wrong' };
  assert.equal((await scrape(api, { headers: wrong })).status, 401, 'on this machine, too');
});

test('certificates are counted by how soon they end, as the clock goes on', async (t) => {
  let now: Instant = NOW;
  const api = await startApi(t, { clock: () => now });
  const id = await api.zone('a.test');
  const ends = [...(api.plane.zones.all() ?? [])][0]?.certificates.values().next().value?.leaf.notAfter ?? 0;
  const within = async (span: string) =>
    (await scrape(api)).value(`postern_certificates{kind="managed",within="${span}"}`);
  const left = async () => (await scrape(api)).value(`postern_certificate_expiry_seconds{kind="managed",zone="${id}"}`);
  now = instant(ends - 8 * DAY);
  assert.deepEqual([await within('7d'), await within('30d'), await within('ever')], ['0', '1', '1']);
  assert.equal(await left(), String(8 * 86_400));
  now = instant(ends - DAY);
  assert.deepEqual([await within('now'), await within('1d'), await within('7d')], ['0', '1', '1']);
  now = instant(ends + 5_000);
  assert.equal(await within('now'), '1');
  assert.equal(await left(), '-5');
});

test('a CA that hostnames ask their visitors for counts in each list', async (t) => {
  const api = await startApi(t);
  const id = await api.zone('a.test');
  const { certificate } = await authority('Staff CA');
  for (const name of ['www.a.test', 'shop.a.test']) {
    const path = `/postern/v1/zones/${id}/hostnames/${name}/visitor_authorities`;
    await api.call('PUT', path, { certificates: certificate.pem });
  }
  const { value } = await scrape(api);
  const counted = (within: string) => value(`postern_certificates{kind="visitor_authority",within="${within}"}`);
  assert.deepEqual([counted('30d'), counted('ever')], ['0', '2']);
  assert.equal(
    value(`postern_certificate_expiry_seconds{kind="visitor_authority",zone="${id}"}`),
    String(Math.floor((certificate.notAfter - NOW) / 1_000)),
  );
});

test('however many zones there are, the series stay few and hold no name of one', async (t) => {
  const api = await startApi(t, { figures });
  for (let at = 0; at < 25; at++) await api.zone(`zone-${at}.test`);
  const { body } = await scrape(api);
  assert.equal([...body.matchAll(/^postern_certificate_expiry_seconds\{/gm)].length, 20);
  assert.ok(!body.includes('zone-'));
  for (const [, name = ''] of body.matchAll(/^# TYPE postern_(\S+)/gm)) assert.ok(Object.hasOwn(METRICS, name), name);
});

test('edges are listed with how far behind they are and what they do', async (t) => {
  const api = await startApi(t, { figures });
  const hello = (name: string) =>
    api.plane.connect({
      send: () => undefined,
      ended: () => undefined,
      receive: (handler) => handler({ kind: 'hello', edge: name }),
    });
  const own = await api.zone('a.test');
  hello('local');
  hello('elsewhere');
  const { result } = await api.call('GET', '/postern/v1/edges');
  const [local, elsewhere] = [...result];
  assert.deepEqual(local?.['traffic'], {
    workers: 2,
    requests_per_second: 1.5,
    requests: 42,
    visitor_connections: 5,
    origin_connections: 7,
    pulls_waiting: 6,
  });
  assert.deepEqual([local?.['lag'], local?.['applied_revision']], [api.plane.revision(), 0]);
  assert.equal(elsewhere?.['traffic'], null);
  const some = await bearer(api, { permissions: ['edges:read'], zones: [own] });
  const [seen] = [...(await api.call('GET', '/postern/v1/edges', undefined, some)).result];
  assert.deepEqual([seen?.['name'], seen?.['traffic']], ['local', null], 'what all zones have together is not for it');
  const { body } = await scrape(api);
  assert.match(body, /^postern_edge_connected\{edge="elsewhere"\} 1$/m);
  assert.match(body, /^postern_edge_revision\{edge="local"\} 0$/m);
});

test('metrics:read is a permission that tokens of the SDK can be given', async (t) => {
  const api = await startApi(t);
  const { result } = await api.call('GET', '/user/tokens/permission_groups');
  assert.ok([...result].some((group) => textOf(group['name']) === 'Postern Metrics Read' && idOf(group) !== ''));
  const nonsense = await api.call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['metrics:edit'] });
  assert.equal(nonsense.status, 400, codes(nonsense).join());
});
