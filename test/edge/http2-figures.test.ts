import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import type { ServerLimits } from '../../src/http1/server-limits.ts';
import { until } from './until.ts';
import { ask, dialHttp2, replyTo } from './visit-http2.ts';
import { host, makeZone, must, type RunningEdge, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));

async function world(
  t: TestContext,
  answer?: Parameters<typeof startOrigin>[3],
  visitorLimits: Partial<ServerLimits> = {},
) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), answer);
  const edge = await startTestEdge(t, [zone], { accessLog: { policy: { kind: 'on' }, query: false }, visitorLimits });
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

function lines({ logged }: RunningEdge): RunningEdge['logged'] {
  return logged.filter(({ event }) => event === 'request');
}

/** What a visitor was told in the end, as the line has it. */
function endOf(line: RunningEdge['logged'][number] | undefined) {
  return [line?.['status'], line?.['cause'], line?.['cut_by']];
}

function counted({ edge }: RunningEdge, series: string): number {
  return edge.snapshot().counters[series] ?? 0;
}

test('a line over HTTP/2 tells the same as one over HTTP/1.1', async (t) => {
  const { zone, edge } = await world(t, (_, response) => response.writeHead(201, { 'cf-ray': 'forged' }).end('made'));
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const reply = await ask(session, { ':method': 'POST', ':path': '/in?token=secret' }, 'hello');
  const [line = { event: '' }] = lines(edge);
  const { id, host: name, method, path, address, scheme, protocol, tls, status, zone: of, bytes_in, bytes_out } = line;
  assert.deepEqual(
    { id, name, method, path, address, scheme, protocol, tls, status, of, bytes_in, bytes_out },
    {
      id: reply.headers['cf-ray'],
      name: 'www.a.test',
      method: 'POST',
      path: '/in',
      address: '127.0.0.1',
      scheme: 'https',
      protocol: '2',
      tls: 'TLSv1.3',
      status: 201,
      of: zone.id,
      bytes_in: 5,
      bytes_out: 4,
    },
  );
  const { first_byte_ms: first, total_ms: total } = line;
  assert.ok(typeof first === 'number' && typeof total === 'number' && 0 < first && first < total);
});

test('requests that share a connection have a line each, and each its own id', async (t) => {
  const { edge } = await world(t);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const paths = Array.from({ length: 20 }, (_, at) => `/${at}`);
  const replies = await Promise.all(paths.map((path) => ask(session, { ':path': path })));
  const told = new Map(lines(edge).map(({ id, path }) => [id, path]));
  assert.deepEqual(
    replies.map(({ headers }) => told.get(headers['cf-ray'])),
    paths,
  );
  assert.equal(counted(edge, 'requests_total|https|2|2xx'), 20);
  assert.equal(counted(edge, 'visitor_handshakes_total|full'), 1);
});

test('pages of the edge over HTTP/2 name their request, too', async (t) => {
  const { edge } = await world(t);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const reply = await ask(session, { ':authority': 'other.a.test' });
  const [line] = lines(edge);
  assert.deepEqual([line?.['id'], ...endOf(line)], [reply.headers['cf-ray'], 421, 'misdirected', undefined]);
  assert.equal(counted(edge, 'requests_total|https|2|4xx'), 1);
  assert.equal(counted(edge, 'refused_total|misdirected'), 1);
});

test('a status that HTTP/2 does not have is a bad answer, in the line and in the figures', async (t) => {
  const { edge } = await world(t, (_, response) => response.writeHead(799).end('odd'));
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const reply = await ask(session, { accept: 'application/json' });
  assert.deepEqual([reply.status, JSON.parse(reply.body).error.code], [520, 'bad_answer']);
  assert.deepEqual(endOf(lines(edge)[0]), [520, 'bad_answer', null]);
  assert.equal(counted(edge, 'pulls_total|present|zone|bad_answer'), 1);
  assert.match(String(edge.logged.find(({ event }) => event === 'pull_failed')?.['detail']), /799/);
});

test('a body that does not come is told as that, not as a visitor who left', async (t) => {
  const { edge } = await world(t, undefined, { headTimeout: 100, bodyTimeout: 100 });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'www.a.test' });
  stream.write('half');
  const reply = await replyTo(stream);
  assert.equal(reply.status, 408);
  const [line] = lines(edge);
  assert.deepEqual([line?.['id'], ...endOf(line)], [reply.headers['cf-ray'], 408, 'body_timeout', 'visitor']);
  assert.equal(counted(edge, 'refused_total|body_timeout'), 1);
  assert.equal(counted(edge, 'requests_total|https|2|4xx'), 1);
});

test('a request that is taken back has a line without a status', async (t) => {
  let asked = (): void => undefined;
  const request = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { edge } = await world(t, () => asked());
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':path': '/', ':authority': 'www.a.test' });
  stream.on('error', () => undefined);
  await request;
  stream.close(8);
  await once(stream, 'close');
  await until(() => lines(edge).length === 1);
  assert.deepEqual(endOf(lines(edge)[0]), [null, null, 'visitor']);
  assert.equal(counted(edge, 'pulls_total|present|zone|visitor_gone'), 1);
  assert.equal(counted(edge, 'requests_total|https|2|none'), 1);
});
