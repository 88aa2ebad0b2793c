import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { type AccessLogOptions, DEFAULT_ACCESS_LOG } from '../../src/edge/access-log.ts';
import type { ServerLimits } from '../../src/http1/server-limits.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { host, makeZone, must, type RunningEdge, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
const ON: AccessLogOptions = { policy: { kind: 'on' }, query: false };

async function world(
  t: TestContext,
  accessLog: AccessLogOptions,
  answer?: Parameters<typeof startOrigin>[3],
  visitorLimits: Partial<ServerLimits> = {},
) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), answer);
  const edge = await startTestEdge(t, [zone], { accessLog, visitorLimits });
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

function lines({ logged }: RunningEdge): RunningEdge['logged'] {
  return logged.filter(({ event }) => event === 'request');
}

function only(edge: RunningEdge): Readonly<Record<string, unknown>> {
  const [line, ...more] = lines(edge);
  assert.ok(line !== undefined && more.length === 0, `${lines(edge).length} lines`);
  return line;
}

test('a line tells who asked for what, what was planned, where it went and how long it took', async (t) => {
  const { zone, origin, edge } = await world(t, ON);
  const reply = await visit(edge.https, 'www.a.test', '/path?token=secret');
  const { first_byte_ms, total_ms, connect_ms, handshake_ms, wait_ms, ...rest } = only(edge);
  assert.deepEqual(rest, {
    event: 'request',
    id: reply.headers.get('cf-ray'),
    host: 'www.a.test',
    method: 'GET',
    path: '/path',
    address: '127.0.0.1',
    scheme: 'https',
    protocol: '1.1',
    tls: 'TLSv1.3',
    visitor_certificate: null,
    status: 200,
    plan: 'present',
    level: 'zone',
    zone: zone.id,
    certificate: zone.identity.fingerprint,
    bytes_in: 0,
    bytes_out: 'hello /path?token=secret'.length,
    cause: null,
    alert: null,
    cut_by: null,
    origin: `127.0.0.1:${origin.port}`,
    origin_protocol: '1.1',
    earlier: 0,
    retries: 0,
    resumed: false,
  });
  for (const time of [first_byte_ms, total_ms, connect_ms, handshake_ms, wait_ms]) {
    assert.ok(typeof time === 'number' && time > 0, String(time));
  }
});

test('a reused connection shows how often it was used, and no handshake', async (t) => {
  const { edge } = await world(t, ON);
  for (let round = 0; round < 3; round++) await visit(edge.https, 'www.a.test');
  const told = lines(edge).map(({ earlier, connect_ms, handshake_ms, resumed }) => [
    earlier,
    connect_ms === null,
    handshake_ms === null,
    resumed,
  ]);
  assert.deepEqual(told, [
    [0, false, false, false],
    [1, true, true, null],
    [2, true, true, null],
  ]);
});

test('without a wish only what failed has a line, with its cause and the alert of the origin', async (t) => {
  const { zone, edge } = await world(t, DEFAULT_ACCESS_LOG);
  await visit(edge.https, 'www.a.test');
  assert.equal((await visit(edge.https, 'nobody.a.test')).status, 404);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  const reply = await visit(edge.https, 'www.a.test');
  const { id, status, plan, certificate, cause, alert, earlier } = only(edge);
  assert.deepEqual(
    { id, status, plan, certificate, cause, alert, earlier },
    {
      id: reply.headers.get('cf-ray'),
      status: 525,
      plan: 'without',
      certificate: null,
      cause: 'identity_refused',
      alert: 116,
      earlier: 0,
    },
  );
});

test('a 5xx of the origin is a failure, too', async (t) => {
  const { edge } = await world(t, DEFAULT_ACCESS_LOG, (_, response) => response.writeHead(503).end('no'));
  await visit(edge.https, 'www.a.test');
  assert.equal(only(edge)['status'], 503);
  assert.equal(only(edge)['cause'], null);
});

test('a sample holds one of so many, and every failure', async (t) => {
  const { edge } = await world(t, { policy: { kind: 'sample', oneOf: 3 }, query: true }, (request, response) =>
    response.writeHead(request.url === '/bad' ? 500 : 200).end(),
  );
  for (const path of ['/1', '/2?a=b', '/bad', '/3', '/4?c=d', '/bad']) await visit(edge.https, 'www.a.test', path);
  assert.deepEqual(
    lines(edge).map(({ path }) => path),
    ['/1', '/bad', '/4?c=d', '/bad'],
  );
});

test('off is off, also for what failed', async (t) => {
  const { zone, edge } = await world(t, { policy: { kind: 'off' }, query: false });
  edge.change(zone, zone.rules, [host(WWW, { https: 1 })]);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 521);
  assert.deepEqual(lines(edge), []);
  assert.equal(edge.logged.filter(({ event }) => event === 'pull_failed').length, 1);
});

test('the pages of the edge and its redirects have lines of their own', async (t) => {
  const { edge } = await world(t, ON);
  const raw = 'GET /a?b HTTP/1.0\r\nHost: www.a.test\r\n\r\n';
  const reply = parse(await exchange(await dial(edge.http, null), raw));
  assert.equal(reply.status, 301);
  const head = `HEAD / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n`;
  await exchange(await dial(edge.http, null), head);
  const told = lines(edge).map(({ status, plan, cause, scheme, protocol, tls, bytes_out }) => ({
    status,
    plan,
    cause,
    scheme,
    protocol,
    tls,
    bytes_out,
  }));
  const http = { scheme: 'http', tls: null, bytes_out: 0 };
  assert.deepEqual(told, [
    { ...http, status: 301, plan: 'redirect', cause: null, protocol: '1.0' },
    { ...http, status: 404, plan: 'not_served', cause: 'unknown_hostname', protocol: '1.1' },
  ]);
});

test('who cut an answer short is told: the visitor or the origin', async (t) => {
  const { edge } = await world(t, ON, (request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('the beginning');
    if (request.url === '/origin') setImmediate(() => response.destroy());
  });
  await visit(edge.https, 'www.a.test', '/origin');
  const { status, cut_by, cause } = only(edge);
  assert.deepEqual({ status, cut_by, cause }, { status: 200, cut_by: 'origin', cause: 'closed_early' });
  const socket = await dial(edge.https, 'www.a.test');
  socket.write('GET /visitor HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  await until(() => lines(edge).length === 2);
  const last = lines(edge)[1];
  assert.deepEqual([last?.['status'], last?.['cut_by'], last?.['cause']], [200, 'visitor', null]);
  assert.equal(edge.edge.snapshot().counters['pulls_total|present|zone|cut'], 1);
  assert.equal(edge.edge.snapshot().counters['pulls_total|present|zone|visitor_gone'], 1);
});

test('a body is counted on its way in', async (t) => {
  const { edge } = await world(t, ON);
  const text = `POST /in HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`;
  await exchange(await dial(edge.https, 'www.a.test'), text);
  assert.equal(only(edge)['bytes_in'], 5);
});

test('long texts are cut', async (t) => {
  const { edge } = await world(t, { policy: { kind: 'on' }, query: true });
  const path = `/${'x'.repeat(4_000)}`;
  await visit(edge.https, 'www.a.test', path);
  const method = 'M'.repeat(100);
  const raw = `${method} /${'?'.repeat(4_000)} HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n`;
  await exchange(await dial(edge.https, 'www.a.test'), raw);
  const [first, second] = lines(edge);
  assert.equal(first?.['path'], `${path.slice(0, 1_024)}…`);
  assert.equal(second?.['method'], `${method.slice(0, 32)}…`);
  assert.equal(String(second?.['path']).length, 1_025);
});

test('a body that is refused has the status of its page, under the id that the page shows', async (t) => {
  const { edge } = await world(t, ON);
  const head = 'POST /in HTTP/1.1\r\nHost: www.a.test\r\nTransfer-Encoding: chunked\r\n\r\n';
  const reply = parse(await exchange(await dial(edge.https, 'www.a.test'), `${head}5\r\nhello\r\nno chunk\r\n`));
  assert.equal(reply.status, 400);
  const { id, status, cause, cut_by, bytes_in } = only(edge);
  assert.deepEqual(
    { id, status, cause, cut_by, bytes_in },
    { id: reply.headers.get('cf-ray'), status: 400, cause: 'bad_chunk_size', cut_by: 'visitor', bytes_in: 5 },
  );
  assert.equal(edge.logged.find(({ event }) => event === 'request_refused')?.['id'], id);
  const { counters } = edge.edge.snapshot();
  assert.equal(counters['requests_total|https|1.1|4xx'], 1);
  assert.equal(counters['refused_total|bad_chunk_size'], 1);
});

test('a body that does not come in time is told as that, not as a visitor who left', async (t) => {
  const { edge } = await world(t, ON, undefined, { headTimeout: 100, bodyTimeout: 100 });
  const text = 'POST /in HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 10\r\n\r\nhalf';
  const reply = parse(await exchange(await dial(edge.https, 'www.a.test'), text));
  const { id, status, cause } = only(edge);
  assert.deepEqual({ id, status, cause }, { id: reply.headers.get('cf-ray'), status: 408, cause: 'body_timeout' });
});

test('what authorises a visitor is in no line, and neither are bodies and queries', async (t) => {
  const { zone, edge } = await world(t, ON, (_, response) =>
    response.writeHead(500, { 'set-cookie': 'id=SECRET', 'www-authenticate': 'Basic realm=SECRET' }).end('SECRET'),
  );
  const fields = [
    'Authorization: Bearer SECRET',
    'Proxy-Authorization: SECRET',
    'Cookie: id=SECRET',
    'X-Api-Key: SECRET',
  ];
  const referrer = 'Referer: https://www.a.test/reset?token=SECRET';
  const head = (path: string) =>
    [`POST ${path}?token=SECRET HTTP/1.1`, 'Host: www.a.test', ...fields, referrer, 'Connection: close'].join('\r\n');
  const send = async (text: string) => exchange(await dial(edge.https, 'www.a.test'), text);
  await send(`${head('/')}\r\nContent-Length: 6\r\n\r\nSECRET`);
  await send(`${head('https://www.a.test/')}\r\nContent-Length: 6\r\n\r\nSECRET`);
  await send(`${head('https://user:SECRET@www.a.test/')}\r\nContent-Length: 6\r\n\r\nSECRET`);
  await send(`${head('/')}\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n`);
  await send(`${head('/')}\r\nSECRET\r\n\r\n`);
  edge.change(zone, zone.rules, [host(WWW, { https: 1 })]);
  await send(`${head('/')}\r\nContent-Length: 6\r\n\r\nSECRET`);
  assert.equal(lines(edge).length, 4);
  const events = new Set(edge.logged.map(({ event }) => event));
  assert.deepEqual([...events].toSorted(), ['pull_failed', 'request', 'request_refused']);
  assert.doesNotMatch(JSON.stringify(edge.logged), /SECRET|PRIVATE KEY/);
});

test('every answer names its request: the origin cannot', async (t) => {
  const { edge } = await world(t, ON, (_, response) => response.writeHead(200, { 'CF-Ray': 'forged' }).end());
  const reply = parse(
    await exchange(
      await dial(edge.https, 'www.a.test'),
      'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n',
    ),
  );
  assert.equal(reply.headers.get('cf-ray'), only(edge)['id']);
});
