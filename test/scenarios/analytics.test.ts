/** What the edges count over time, asked at the API of a running Postern with two workers and real origins. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AnalyticsView, HostnameTraffic } from '../../src/wire/analytics.ts';
import type { ImpactView } from '../../src/wire/impact.ts';
import { needs } from '../support/availability.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { knockPlain } from '../support/knock.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, lockedSite, type Site, visit, zonePull } from './site.ts';
import { until } from './until.ts';
import { keptVisitors } from './visitors.ts';

const PLAIN = 'www.plain.test';
/** Longer than it takes to start a worker. */
const REPLACED = 60_000;

describe('what two workers count over time', needs('apache2'), () => {
  let application: EchoApplication;
  let postern: Postern;
  let site: Site;
  let plain: string;
  before(async () => {
    application = await startEcho();
    const [running, authority] = await Promise.all([startPostern({ argv: ['--workers', '2'] }), serverAuthority()]);
    postern = running;
    site = await lockedSite('apache', postern, { name: 'locked.test', authority });
    plain = await createZone(postern, 'plain.test', null);
    await postern.call('PATCH', `/zones/${plain}/settings/ssl`, { value: 'flexible' });
    await addRecord(postern, plain, { name: PLAIN, origin: { http_port: application.port } });
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
    await application?.[Symbol.asyncDispose]();
  });

  const of = async (zone: string | null, query = ''): Promise<AnalyticsView> => {
    const path = zone === null ? '/postern/v1/analytics' : `/postern/v1/zones/${zone}/analytics`;
    return (await postern.call<AnalyticsView>('GET', `${path}${query}`)).result;
  };
  /** What is told of a zone once so many of its pulls are counted; more of them are a fault. */
  const counted = (zone: string | null, pulls: number): Promise<AnalyticsView> =>
    until(`${pulls} pulls are counted`, async () => {
      const view = await of(zone);
      assert.ok(view.totals.pulls.all <= pulls, `${view.totals.pulls.all} pulls`);
      return view.totals.pulls.all === pulls ? view : null;
    });

  test('tells by what was shown and how it ended, in sums and along time', async () => {
    for (let time = 0; time < 3; time++) assertStatus(await visit(postern, site.host), 200, 'with the certificate');
    await zonePull(postern, site.zone, false);
    assertStatus(await visit(postern, site.host), 525, 'without');
    await zonePull(postern, site.zone, true);
    await knockPlain({ port: postern.http, host: site.host });
    const view = await until('the redirect is counted', async () => {
      const now = await counted(site.zone, 4);
      return now.totals.edge_answers.length > 0 ? now : null;
    });
    const { pulls, failures, certificates, edge_answers, handshakes, bytes, visitor_handshakes } = view.totals;
    assert.deepEqual(pulls, { all: 4, answered: 3, refused: 1, failed: 0, cut: 0, visitor_gone: 0 });
    assert.deepEqual(failures, [{ reason: 'identity_refused', count: 1 }]);
    assert.deepEqual(certificates, { hostname: 0, zone: 3, global: 0, without: 1, plaintext: 0 });
    assert.deepEqual(edge_answers, [{ reason: 'redirect', count: 1 }]);
    assert.ok(handshakes.full + handshakes.resumed >= 2, JSON.stringify(handshakes));
    assert.ok(bytes.out > 0);
    assert.equal(visitor_handshakes, null);
    assert.equal(sumOf(view, 'pulls', 'answered'), 3);
    assert.equal(sumOf(view, 'certificates', 'without'), 1);
  });

  test('tells how many pulls for a hostname had no certificate in the last hour', async () => {
    const path = `/postern/v1/zones/${site.zone}/analytics/hostnames`;
    const { result } = await postern.call<readonly HostnameTraffic[]>('GET', `${path}?search=WWW`);
    const [{ last_at, ...row } = assert.fail('no row'), ...others] = result;
    assert.deepEqual(others, []);
    const counts = { pulls: 4, without_certificate: 1, plaintext: 0, refused: 1, failed: 0 };
    assert.deepEqual(row, { hostname: site.host, zone: site.zone, ...counts });
    const { hostnames, last_hour, counted_since } = await of(site.zone);
    assert.ok(last_at >= counted_since);
    assert.deepEqual(hostnames, result);
    assert.deepEqual([last_hour.hostnames, last_hour.pulls, last_hour.left_out.pulls], [1, 4, 0]);
    assert.deepEqual((await postern.call('GET', `${path}?search=other`)).result, []);
  });

  test('says before a change how many of the pulls had no certificate', async () => {
    const path = `/postern/v1/zones/${site.zone}/impact`;
    const consequences = async (act: object) => (await postern.call<ImpactView>('POST', path, act)).result.consequences;
    const traffic = { pulls: 4, without_certificate: 1, refused: 1 };
    const enforce = await consequences({ kind: 'enforce', hostname: site.host });
    const callers = enforce.find(({ code }) => code === 'callers_without_certificate') ?? assert.fail('no callers');
    assert.match(
      callers.text,
      /1 of 4 pulls in the (?:one minute|2 minutes) of the last hour that (?:was|were) counted had no certificate/,
    );
    assert.deepEqual(callers.traffic, traffic);
    const [off] = await consequences({ kind: 'zone_level', on: false });
    assert.deepEqual([off?.code, off?.traffic], ['pulled_without_certificate', traffic]);
  });

  test('keeps zones apart, and tells those who see one zone of no other', async () => {
    const visitors = await keptVisitors(4, { port: postern.https, host: PLAIN });
    for (const { leave } of visitors) leave();
    const view = await counted(plain, 4);
    assert.deepEqual(view.totals.certificates, { hostname: 0, zone: 0, global: 0, without: 0, plaintext: 4 });
    assert.equal((await counted(site.zone, 4)).totals.certificates.plaintext, 0);
    assert.equal((await counted(null, 8)).totals.certificates.plaintext, 4);

    const rights = { name: 'plain', permissions: ['zone:read', 'metrics:read'], zones: ['plain.test'] };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', rights);
    const status = async (path: string) => {
      const headers = { authorization: `Bearer ${result.token}` };
      return (await fetch(`${postern.base}/postern/v1${path}`, { headers })).status;
    };
    for (const rest of ['', '/hostnames']) {
      assert.equal(await status(`/zones/${plain}/analytics${rest}`), 200);
      assert.equal(await status(`/zones/${site.zone}/analytics${rest}`), 404);
      assert.equal(await status(`/analytics${rest}`), 403);
    }
  });

  test('loses nothing when the workers are replaced in order', async () => {
    const visitors = await keptVisitors(4, { port: postern.https, host: PLAIN });
    // At once: what was counted since the last report must be in the one with which a worker ends.
    postern.signal('SIGUSR2');
    await until('all are replaced', () => postern.logged('reloaded').length > 0, REPLACED);
    for (const { leave } of visitors) leave();
    await counted(plain, 8);
    await counted(null, 12);
  });

  test('goes on where it was when a worker is killed', async () => {
    const started = postern.logged('worker_started');
    process.kill(Number(started.at(-1)?.['pid']), 'SIGKILL');
    await until('another one has come', () => postern.logged('worker_started').length > started.length, REPLACED);
    const visitors = await keptVisitors(2, { port: postern.https, host: PLAIN });
    for (const { leave } of visitors) leave();
    await counted(plain, 10);
    const { totals } = await counted(null, 14);
    assert.ok(totals.visitor_handshakes !== null && totals.visitor_handshakes.full >= 14);
  });
});

test('what was counted is told after a restart, as far as it is stored, and the rest as unknown', async () => {
  using scratch = scratchDirectory();
  await using application = await startEcho();
  const dir = join(scratch.path, 'data');
  const path = (zone: string, last: string) => `/postern/v1/zones/${zone}/analytics?last=${last}`;
  let zone: string;
  let before: AnalyticsView;
  {
    await using postern = await startPostern({ dir });
    zone = await createZone(postern, 'kept.test', null);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    await addRecord(postern, zone, { name: 'www.kept.test', origin: { http_port: application.port } });
    assertStatus(await visit(postern, 'www.kept.test'), 200, 'a visit');
    before = await until('it is counted', async () => {
      const { result } = await postern.call<AnalyticsView>('GET', path(zone, '7d'));
      return result.totals.pulls.all === 1 ? result : null;
    });
    // Not looked at again: what is counted last is stored at the end.
    assertStatus(await visit(postern, 'www.kept.test'), 200, 'a last visit');
    postern.signal('SIGTERM');
    assert.equal(await postern.ended, 0);
  }
  await using postern = await startPostern({ dir });
  const [days, hour] = await Promise.all(
    ['7d', '1h'].map(async (last) => (await postern.call<AnalyticsView>('GET', path(zone, last))).result),
  );
  assert.equal(days?.totals.pulls.all, 2);
  assert.ok((days?.counted_since ?? '') <= before.until);
  assert.equal(hour?.totals.pulls.all, 0);
  assert.equal(days?.last_hour.pulls, 0);
});

/** All that a line holds. */
function sumOf({ series }: AnalyticsView, name: string, value: string): number {
  const line = series.find((one) => one.name === name && Object.values(one.labels).includes(value));
  assert.ok(line !== undefined, `${name} ${value}`);
  return line.points.reduce<number>((sum, point) => sum + (point ?? 0), 0);
}
