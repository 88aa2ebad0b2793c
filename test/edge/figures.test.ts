import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { hostname } from '../../src/domain/ids.ts';
import { exposition } from '../../src/wire/exposition.ts';
import { METRICS } from '../../src/wire/metric-table.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { host, makeZone, must, type RunningEdge, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));

async function world(t: TestContext, answer?: Parameters<typeof startOrigin>[3]) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), answer);
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

function counted({ edge }: RunningEdge, series: string): number {
  return edge.snapshot().counters[series] ?? 0;
}

test('requests, pulls, bytes and connections are counted by what they were', async (t) => {
  const { zone, edge } = await world(t);
  const socket = await dial(edge.https, 'www.a.test');
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: www.a.test\r\n${more}\r\n`;
  await exchange(socket, get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
  assert.equal(counted(edge, 'requests_total|https|1.1|2xx'), 3);
  assert.equal(counted(edge, 'pulls_total|present|zone|answered'), 3);
  assert.equal(counted(edge, `zone_requests_total|${zone.id}|passed`), 3);
  assert.equal(counted(edge, 'body_bytes_total|out'), 3 * 'hello /1'.length);
  assert.equal(counted(edge, 'pull_connections_total|new|1.1'), 1);
  assert.equal(counted(edge, 'pull_connections_total|reused|1.1'), 2);
  assert.equal(counted(edge, 'origin_connects_total|full'), 1);
  assert.equal(counted(edge, 'visitor_handshakes_total|full'), 1);
  const { gauges } = edge.edge.snapshot();
  assert.equal(gauges['requests_last_minute'], 3);
  assert.deepEqual([gauges['origin_connections|idle'], gauges['origin_connections|busy'], gauges['pools']], [1, 0, 1]);
});

test('a second connection resumes the session of the first, and is counted as that', async (t) => {
  const { edge } = await world(t, (_, response) => response.writeHead(200, { connection: 'close' }).end());
  await visit(edge.https, 'www.a.test');
  await visit(edge.https, 'www.a.test');
  assert.equal(counted(edge, 'origin_connects_total|full'), 1);
  assert.equal(counted(edge, 'origin_connects_total|resumed'), 1);
  assert.equal(counted(edge, 'pull_connections_total|reused|1.1'), 0);
});

test('each histogram has counted as often as what it measures', async (t) => {
  const { edge } = await world(t);
  await visit(edge.https, 'www.a.test');
  const { counters } = edge.edge.snapshot();
  const observations = (metric: string) =>
    Object.entries(counters)
      .filter(([series]) => series.startsWith(`${metric}|`) && !series.endsWith('|sum'))
      .reduce((sum, [, count]) => sum + count, 0);
  const all = ['request_seconds', 'pull_wait_seconds', 'pull_first_byte_seconds', 'origin_connect_seconds'];
  assert.deepEqual([...all, 'origin_handshake_seconds|full'].map(observations), [1, 1, 1, 1, 1]);
  for (const metric of all) assert.ok((counters[`${metric}|sum`] ?? 0) > 0, metric);
  const sum = (metric: string) => counters[`${metric}|sum`] ?? 0;
  assert.ok(sum('request_seconds') >= sum('pull_first_byte_seconds'), 'a part is no longer than the whole');
});

test('failures are counted by their code: at the handshake, of the pull and by status', async (t) => {
  const { zone, edge } = await world(t);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  await visit(edge.https, 'www.a.test');
  assert.equal(counted(edge, 'pulls_total|without|none|identity_refused'), 1);
  assert.equal(counted(edge, `zone_requests_total|${zone.id}|failed`), 1);
  edge.change(zone, zone.rules, [host(WWW, { https: 1 })]);
  await visit(edge.https, 'www.a.test');
  assert.equal(counted(edge, 'origin_connects_total|connection_refused'), 1);
  assert.equal(counted(edge, 'pulls_total|present|zone|connection_refused'), 1);
  assert.equal(counted(edge, 'requests_total|https|1.1|5xx'), 2);
});

test('failed pulls that say that they are looks of Postern itself are counted beside the others', async (t) => {
  const { zone, edge } = await world(t);
  await visit(edge.https, 'www.a.test', '/', 'User-Agent: Postern-Proof\r\n');
  edge.change(zone, zone.rules, [host(WWW, { https: 1 })]);
  await visit(edge.https, 'www.a.test');
  await visit(edge.https, 'www.a.test', '/', 'User-Agent: Mozilla Postern-Proof\r\n');
  await visit(edge.https, 'www.a.test', '/', 'User-Agent: Postern-Proof\r\n');
  await visit(edge.https, 'www.a.test', '/.well-known/postern-proof-1');
  assert.equal(counted(edge, 'pulls_total|present|zone|connection_refused'), 4);
  assert.equal(counted(edge, 'pull_look_failures_total|connection_refused'), 2);
});

test('what the edge refuses is counted by code, with no origin asked', async (t) => {
  const { edge, origin } = await world(t);
  const ask = async (text: string) => parse(await exchange(await dial(edge.http, null), text));
  assert.equal((await ask('GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n')).status, 404);
  assert.equal((await ask('TRACE / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n')).status, 405);
  assert.equal((await ask('GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n')).status, 400);
  const series = Object.keys(edge.edge.snapshot().counters).filter((one) => one.startsWith('refused_total|'));
  const codes = ['method', 'repeated_host', 'unknown_hostname'];
  assert.deepEqual(
    series.toSorted(),
    codes.map((code) => `refused_total|${code}`),
  );
  assert.equal(origin.seen.length, 0);
});

test('a handshake for a name that nobody has is counted, and so is one that is no TLS at all', async (t) => {
  const { edge } = await world(t);
  const stranger = connectTls({ port: edge.https, host: '127.0.0.1', servername: 'x.test', rejectUnauthorized: false });
  await once(stranger, 'error');
  assert.equal(counted(edge, 'visitor_handshakes_total|unknown_name'), 1);
  await exchange(await dial(edge.https, null), 'GET / HTTP/1.1\r\n\r\n');
  assert.equal(counted(edge, 'visitor_handshakes_total|protocol'), 1);
});

test('open connections of visitors are shown while they are open', async (t) => {
  const { edge } = await world(t);
  const socket = await dial(edge.https, 'www.a.test');
  await until(() => edge.edge.snapshot().gauges['visitor_connections|https'] === 1);
  socket.destroy();
  await until(() => edge.edge.snapshot().gauges['visitor_connections|https'] === 0);
});

test('a visitor who comes back with a ticket is counted as resumed', async (t) => {
  const { edge } = await world(t);
  const options = { port: edge.https, host: '127.0.0.1', servername: 'www.a.test', rejectUnauthorized: false };
  const first = connectTls(options);
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const second = connectTls({ ...options, session });
  await once(second, 'secureConnect');
  assert.ok(second.isSessionReused());
  await until(() => counted(edge, 'visitor_handshakes_total|resumed') === 1);
  assert.equal(counted(edge, 'visitor_handshakes_total|full'), 1);
  second.destroy();
});

test('a status above all classes counts as a 5xx', async (t) => {
  const { edge } = await world(t, (_, response) => response.writeHead(999).end());
  assert.equal((await visit(edge.https, 'www.a.test')).status, 999);
  const series = Object.keys(edge.edge.snapshot().counters).filter((one) => one.startsWith('requests_total|'));
  assert.deepEqual(series, ['requests_total|https|1.1|5xx']);
});

test('ten thousand names that nobody configured add no series', async (t) => {
  const { edge } = await world(t);
  const last = 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n';
  const attack = (count: number) => {
    const requests = Array.from({ length: count }, (_, at) => {
      const word = `${at}-${randomUUID()}`;
      return `GET /${word} HTTP/1.1\r\nHost: ${word}.test\r\nUser-Agent: ${word}\r\n\r\n`;
    });
    return [...requests, last].join('');
  };
  await exchange(await dial(edge.http, null), attack(1));
  const before = exposition(edge.edge.snapshot()).split('\n').length;
  await exchange(await dial(edge.http, null), attack(10_000));
  assert.equal(counted(edge, 'refused_total|unknown_hostname'), 10_001);
  assert.equal(exposition(edge.edge.snapshot()).split('\n').length, before);
});

test('no series holds what a visitor chose', async (t) => {
  const { edge } = await world(t);
  for (const word of ['secret-path', 'secret-method', 'secret-host']) {
    const text = `${word.toUpperCase()} /${word} HTTP/1.1\r\nHost: ${word}.a.test\r\nConnection: close\r\n\r\n`;
    await exchange(await dial(edge.http, null), text);
  }
  const { counters, gauges } = edge.edge.snapshot();
  const series = Object.keys({ ...counters, ...gauges });
  assert.ok(!series.join('\n').toLowerCase().includes('secret'));
  for (const one of series) assert.ok(Object.hasOwn(METRICS, one.split('|')[0] ?? ''), one);
});
