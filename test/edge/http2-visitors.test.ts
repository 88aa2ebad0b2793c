import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { until } from './until.ts';
import { dial, exchange, parse } from './visit.ts';
import { ask, dialHttp2, replyTo } from './visit-http2.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];

async function world(t: Test, answer?: Parameters<typeof startOrigin>[3]) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), answer);
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

/** The values of a field as the origin saw it. */
function values(headers: readonly string[], name: string): string[] {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);
}

test('a request over HTTP/2 is pulled with the identity of the zone, and says who visits', async (t) => {
  const { zone, origin, edge } = await world(t);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  assert.equal(session.alpnProtocol, 'h2');
  const claims = {
    'x-forwarded-for': '9.9.9.9',
    'cf-connecting-ip': '9.9.9.9',
    'client-cert': ':AA==:',
    te: 'trailers',
  };
  const reply = await ask(session, { ':path': '/path?q=1', cookie: ['a=1', 'b=2'], ...claims });
  assert.deepEqual([reply.status, reply.body], [200, 'hello /path?q=1']);
  const [seen] = origin.seen;
  assert.equal(seen?.subject, `pull ${zone.id}`);
  assert.deepEqual(values(seen.headers, 'host'), ['www.a.test']);
  assert.deepEqual(values(seen.headers, 'x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(values(seen.headers, 'cf-connecting-ip'), ['127.0.0.1']);
  assert.deepEqual(values(seen.headers, 'client-cert'), []);
  assert.deepEqual(values(seen.headers, 'te'), []);
  assert.deepEqual(values(seen.headers, 'cookie'), ['a=1; b=2'], 'crumbs of a cookie are joined');
});

test('whoever offers only HTTP/1.1 still gets it', async (t) => {
  const { edge } = await world(t);
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(socket, 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n');
  assert.equal(parse(raw).status, 200);
});

test('a body goes on with its length where that is known, else in chunks, trailers included', async (t) => {
  const trailers: NodeJS.Dict<string>[] = [];
  const { origin, edge } = await world(t, (request, response) => {
    trailers.push(request.trailers);
    response.end();
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  await ask(session, { ':method': 'POST', 'content-length': 5 }, 'hello');
  const stream = session.request(
    { ':method': 'POST', ':path': '/', ':authority': 'www.a.test' },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7', 'cf-ray': 'mine' }));
  stream.end('in chunks');
  assert.equal((await replyTo(stream)).status, 200);
  assert.deepEqual(
    origin.seen.map(({ body }) => body),
    ['hello', 'in chunks'],
  );
  assert.deepEqual(values(origin.seen[0]?.headers ?? [], 'content-length'), ['5']);
  assert.deepEqual(values(origin.seen[1]?.headers ?? [], 'transfer-encoding'), ['chunked']);
  assert.deepEqual(trailers[1], { 'x-sum': '7' }, 'what a field may not claim, a trailer may not either');
});

test('early hints, repeated fields and trailers of an answer arrive', async (t) => {
  const { edge } = await world(t, (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], Trailer: 'X-Sum', Connection: 'X-Hop', 'X-Hop': 'mine' });
    response.write('body');
    response.addTrailers({ 'X-Sum': '9' });
    response.end();
  });
  const reply = await ask(await dialHttp2(t, edge.https, 'www.a.test'));
  assert.equal(reply.interims[0]?.[':status'], 103);
  assert.equal(reply.interims[0]?.['link'], '</a.css>; rel=preload');
  assert.deepEqual(reply.headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(reply.headers['x-hop'], undefined);
  assert.equal(reply.body, 'body');
  assert.equal(reply.trailers['x-sum'], '9');
});

test('a visitor that waits for 100 gets it from the origin', async (t) => {
  const { origin, edge } = await world(t);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const fields = {
    ':method': 'POST',
    ':path': '/',
    ':authority': 'www.a.test',
    expect: '100-continue',
    'content-length': 2,
  };
  const stream = session.request(fields);
  stream.once('continue', () => stream.end('ok'));
  assert.equal((await replyTo(stream)).status, 200);
  assert.equal(origin.seen[0]?.body, 'ok');
});

test('answers without a body are whole: HEAD, 204 and 304', async (t) => {
  const { edge } = await world(t, (request, response) => {
    response.statusCode = request.url === '/204' ? 204 : request.url === '/304' ? 304 : 200;
    if (request.method === 'HEAD') response.setHeader('Content-Length', 1_000);
    response.end();
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const head = await ask(session, { ':method': 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '1000', '']);
  for (const status of [204, 304]) {
    const reply = await ask(session, { ':path': `/${status}` });
    assert.deepEqual([reply.status, reply.body, reply.reset], [status, '', 0]);
  }
});

test('large bodies go both ways whole, many at once, and nobody is taken for a flood', async (t) => {
  const size = 3_000_000;
  const { origin, edge } = await world(t, (_request, response) => response.end(Buffer.alloc(size, 'x')));
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      ask(session, { ':method': 'POST', ':path': `/${at}` }, Buffer.alloc(size, 'y')),
    ),
  );
  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.length]),
    replies.map(() => [200, size]),
  );
  assert.ok(origin.seen.every(({ body }) => body === 'y'.repeat(size)));
  assert.deepEqual(edge.logged, []);
});

test('an origin is read only as fast as the visitor reads', async (t) => {
  let written = 0;
  const { edge } = await world(t, (_request, response) => {
    const piece = Buffer.alloc(64 * 1_024);
    const more = () => {
      while (written < 200 * 1_048_576) {
        written += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    more();
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':path': '/', ':authority': 'www.a.test' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  let before = -1;
  await until(() => {
    const still = written === before;
    before = written;
    return still;
  });
  // The buffers of the two systems' sockets, and next to nothing of the edge.
  assert.ok(written < 32 * 1_048_576, `${written} bytes were taken for a visitor that takes none`);
});

test('requests of one connection do not wait for each other', async (t) => {
  let release = (): void => undefined;
  const { edge } = await world(t, (request, response) => {
    if (request.url === '/slow') release = () => response.end('slow');
    else response.end('fast');
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const slow = ask(session, { ':path': '/slow' });
  const fast = await Promise.all(Array.from({ length: 250 }, (_, at) => ask(session, { ':path': `/${at}` })));
  assert.ok(fast.every(({ status, body }) => status === 200 && body === 'fast'));
  release();
  assert.equal((await slow).body, 'slow');
});

test('a name that is not the one of the handshake is misdirected, and the connection goes on', async (t) => {
  const { zone, origin, edge } = await world(t);
  const api = must(hostname('api.a.test'));
  edge.change(zone, zone.rules, [host(api, { https: origin.port })]);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  assert.equal((await ask(session, { ':authority': 'api.a.test' })).status, 421);
  assert.equal((await ask(session)).status, 200);
  assert.equal(origin.seen.length, 1);
});

test('CONNECT and TRACE are refused, unknown methods go on', async (t) => {
  const { origin, edge } = await world(t);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const connect = session.request({ ':method': 'CONNECT', ':authority': 'www.a.test:443' });
  assert.equal((await replyTo(connect)).status, 405);
  assert.equal((await ask(session, { ':method': 'TRACE' })).status, 405);
  assert.equal((await ask(session, { ':method': 'PURGE' })).status, 200);
  assert.deepEqual(
    origin.seen.map(({ method }) => method),
    ['PURGE'],
  );
});

test('a page of the edge carries the id of the log, and an upload that nobody wants is stopped', async (t) => {
  const { zone, edge } = await world(t);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const reply = await ask(session, { accept: 'application/json' });
  assert.equal(reply.status, 525);
  assert.equal(
    JSON.parse(reply.body).error.request_id,
    edge.logged.find(({ event }) => event === 'pull_failed')?.['id'],
  );
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'nobody.b.test' });
  stream.write('the beginning of something long');
  const stopped = await replyTo(stream);
  assert.deepEqual([stopped.status, stopped.reset], [421, 0]);
});

test('an origin that dies in the middle of its answer ends the stream, and that stream alone', async (t) => {
  const { edge } = await world(t, (request, response) => {
    if (request.url === '/well') return void response.end('well');
    if (request.url === '/sized') response.setHeader('Content-Length', 100);
    response.write('half', () => request.socket.destroy());
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  for (const path of ['/sized', '/chunked']) {
    const reply = await ask(session, { ':path': path });
    assert.deepEqual([reply.status, reply.body, reply.reset], [200, 'half', 2], 'INTERNAL_ERROR');
  }
  assert.equal(edge.logged.find(({ event }) => event === 'pull_failed')?.['code'], 'closed_early');
  assert.equal((await ask(session, { ':path': '/well' })).body, 'well');
});

test('an origin with a status that HTTP/2 cannot carry costs its visitor an error page', async (t) => {
  const { edge } = await world(t, (_request, response) => {
    response.statusCode = 799;
    response.end('odd');
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  assert.equal((await ask(session)).status, 520);
});

test('a visitor that takes its request back takes the pull with it', async (t) => {
  let asked = (): void => undefined;
  const request = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { origin, edge } = await world(t, () => asked());
  const closed = new Promise((resolve) =>
    origin.server.once('secureConnection', (socket) => socket.once('close', resolve)),
  );
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':path': '/', ':authority': 'www.a.test' });
  stream.on('error', () => undefined);
  await request;
  stream.close(8);
  await closed;
  assert.equal(session.destroyed, false);
});

test('a body in tiny frames reaches the origin in few writes', async (t) => {
  let pieces = 0;
  const { origin, edge } = await world(t, (_request, response) => response.end());
  origin.server.on('request', (request) => request.on('data', () => pieces++));
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'www.a.test' });
  for (let n = 0; n < 2_000; n++) stream.write('A');
  stream.end();
  assert.equal((await replyTo(stream)).status, 200);
  assert.equal(origin.seen[0]?.body, 'A'.repeat(2_000));
  assert.ok(pieces < 200, `${pieces} pieces`);
});

test('draining says so, finishes what is under way and takes nothing new', async (t) => {
  let release: (() => void) | null = null;
  const { edge } = await world(t, (_request, response) => {
    release = () => response.end('done');
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const goaway = once(session, 'goaway');
  const under = ask(session);
  await until(() => release !== null);
  const ended = edge.edge.close(20_000);
  assert.equal((await goaway)[0], 0);
  await assert.rejects(dialHttp2(t, edge.https, 'www.a.test'));
  (release as (() => void) | null)?.();
  assert.equal((await under).body, 'done');
  await ended;
});

test('what is still under way at the deadline of a drain is cut, and looks it', async (t) => {
  const { edge } = await world(t, (_request, response) => void response.write('half'));
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const stream = session.request({ ':path': '/', ':authority': 'www.a.test' });
  const reply = replyTo(stream);
  await once(stream, 'response');
  await edge.edge.close(0);
  assert.notEqual((await reply).reset, 0);
});
