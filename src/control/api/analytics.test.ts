import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Hostname, hostname, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { HostTraffic } from '../../wire/traffic.ts';
import { Collector } from '../analytics/collector.ts';
import { idOf, type Json, NOW, type StartedApi, startApi, textOf } from './api.fixture.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

const name = (text: string): Hostname => sure(hostname(text));

function traffic(zone: ZoneId, host: string, counts: Partial<HostTraffic>): HostTraffic {
  const none = { pulls: 0, without: 0, plaintext: 0, refused: 0, failed: 0 };
  return { zone, hostname: name(host), ...none, ...counts };
}

interface World extends StartedApi {
  readonly shop: string;
  readonly blog: string;
}

/** Two zones with some traffic. */
async function world(t: TestContext): Promise<World> {
  const analytics = new Collector(NOW);
  const api = await startApi(t, { analytics });
  const [shop, blog] = [await api.zone('shop.test'), await api.zone('blog.test')];
  const [one, other] = [sure(zoneId(shop)), sure(zoneId(blog))];
  const hostnames = [
    traffic(one, 'www.shop.test', { pulls: 41, without: 3, failed: 2 }),
    traffic(one, 'api.shop.test', { pulls: 7, refused: 7 }),
    traffic(one, 'old.shop.test', { pulls: 9, plaintext: 9 }),
    traffic(other, 'www.blog.test', { pulls: 5 }),
  ];
  const counts = { 'pulls_total|present|zone|answered': 54, 'pulls_total|without|none|answered': 3 };
  analytics.tick(NOW, { ...counts, 'visitor_handshakes_total|full': 4 }, [
    { zones: [{ zone: one, counts }], hostnames },
  ]);
  return { ...api, shop, blog };
}

async function bearer({ call }: StartedApi, rights: object) {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return { authorization: `Bearer ${textOf(result['token'])}` };
}

const namesIn = (result: Json) => [...result].map((row) => row['hostname']);

test('three of 57 pulls in the last hour had no certificate', async (t) => {
  const { call, shop } = await world(t);
  const { status, result } = await call('GET', `/postern/v1/zones/${shop}/analytics?last=6h`);
  assert.equal(status, 200);
  const { pulls, without_certificate, plaintext, hostnames } = result['last_hour'] as unknown as Record<string, number>;
  assert.deepEqual([pulls, without_certificate, plaintext, hostnames], [57, 3, 9, 3]);
  assert.deepEqual(result['totals']?.['certificates'], { hostname: 0, zone: 54, global: 0, without: 3, plaintext: 0 });
  assert.deepEqual(namesIn(result['hostnames'] as Json), ['www.shop.test', 'old.shop.test', 'api.shop.test']);
});

test('hostnames are sorted, searched and paged', async (t) => {
  const { call, shop } = await world(t);
  const list = async (query: string) => {
    const { result, result_info: info } = await call('GET', `/postern/v1/zones/${shop}/analytics/hostnames?${query}`);
    return [namesIn(result), info?.total_count] as const;
  };
  assert.deepEqual(await list('order=without_certificate&per_page=1'), [['www.shop.test'], 3]);
  assert.deepEqual(await list('order=refused&per_page=1'), [['api.shop.test'], 3]);
  assert.deepEqual(await list('order=hostname&per_page=2&page=2'), [['www.shop.test'], 3]);
  assert.deepEqual(await list('search=OLD.'), [['old.shop.test'], 1]);
  assert.deepEqual(await list('search=blog'), [[], 0]);
  for (const wrong of ['order=last_at', 'per_page=501', 'page=0', 'search=a&search=b']) {
    const { status } = await call('GET', `/postern/v1/zones/${shop}/analytics/hostnames?${wrong}`);
    assert.equal(status, 400, wrong);
  }
});

test('a span that nobody keeps is refused with those that are kept', async (t) => {
  const { call } = await world(t);
  const { status, errors } = await call('GET', '/postern/v1/analytics?last=30d');
  assert.equal(status, 400);
  assert.match(errors[0]?.message ?? '', /15m, 1h, 6h, 24h, 7d/);
});

test('who sees some zones, or the zones of some accounts, sees what was counted for those', async (t) => {
  const api = await world(t);
  const { call, shop, blog } = api;
  const account = idOf((await call('POST', '/accounts', { name: 'Other' })).result);
  const permissions = ['zone:read', 'metrics:read'];
  const own = await bearer(api, { permissions, zones: ['blog.test'] });
  const elsewhere = await bearer(api, { permissions, accounts: [account] });
  const all = await bearer(api, { permissions });
  const blind = await bearer(api, { permissions: ['dns:read'] });
  const unmetered = await bearer(api, { permissions: ['zone:read'] });
  for (const rest of ['', '/hostnames']) {
    const asked = async (headers: Record<string, string>) => {
      const paths = [`/zones/${blog}/analytics`, `/zones/${shop}/analytics`, '/analytics'];
      const answers = paths.map((path) => call('GET', `/postern/v1${path}${rest}`, undefined, headers));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    assert.deepEqual(await asked(own), [200, 404, 403], rest);
    assert.deepEqual(await asked(elsewhere), [404, 404, 403], rest);
    assert.deepEqual(await asked(all), [200, 200, 200], rest);
    assert.deepEqual(await asked(unmetered), [200, 200, 403], rest);
    assert.deepEqual(await asked(blind), [403, 403, 403], rest);
  }
});
