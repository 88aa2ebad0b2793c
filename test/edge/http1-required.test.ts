import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { resetStream } from '../../src/http2/reset-stream.ts';
import { http2Edge } from './http2-origin.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { ask, dialHttp2 } from './visit-http2.ts';
import { serverCertificate } from './world.ts';

/** Origins that choose HTTP/2 in the handshake and then want HTTP/1.1 (RFC 9113 §7, HTTP_1_1_REQUIRED). */

const { NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_REFUSED_STREAM } = constants;

/** How many requests an origin takes at once on a connection. */
const STREAMS = 10;

/** What becomes of a request over HTTP/2 whose body has arrived: told with how many there were before it. */
type Conduct = (stream: ServerHttp2Stream, earlier: number) => void;

/** A server of both protocols that keeps what it got as `method version body`, and of which connections are. */
async function startOrigin(t: TestContext, conduct: Conduct, streamsAtOnce = STREAMS) {
  const { leaf } = await serverCertificate(['*.a.test']);
  const served: string[] = [];
  const chosen: (string | false | null)[] = [];
  const sockets: Socket[] = [];
  let streams = 0;
  const tls = {
    cert: leaf.certificate.pem,
    key: leaf.key.reveal(),
    allowHTTP1: true,
    settings: { maxConcurrentStreams: streamsAtOnce },
  };
  const server = createSecureServer(tls, (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      if (request.httpVersionMajor === 2) return conduct(request.stream, streams++);
      served.push(`${request.method} ${request.httpVersion} ${body}`.trim());
      response.end('over 1.1');
    });
    request.on('error', () => undefined);
  });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('secureConnection', (socket) => {
    sockets.push(socket);
    chosen.push(socket.alpnProtocol);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, served, chosen };
}

async function world(t: TestContext, conduct: Conduct, options: Parameters<typeof http2Edge>[2] = {}) {
  const origin = await startOrigin(t, conduct);
  const { edge } = await http2Edge(t, origin.port, options);
  const events = (event: string) => edge.logged.filter((line) => line.event === event);
  return { origin, edge, events, session: await dialHttp2(t, edge.https, 'www.a.test') };
}

const refuse = (stream: ServerHttp2Stream): void => resetStream(stream, NGHTTP2_HTTP_1_1_REQUIRED);

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 });
  stream.end('over 2');
}

test('a request goes to HTTP/1.1 with its body where the origin asks for that, and so do all after it', async (t) => {
  const { origin, edge, events, session } = await world(t, refuse);
  assert.equal((await ask(session, { ':method': 'POST' }, 'a body')).body, 'over 1.1');
  assert.equal((await ask(session)).body, 'over 1.1');
  assert.match((await visit(edge.https, 'www.a.test')).body, /over 1\.1/);
  assert.deepEqual(origin.served, ['POST 1.1 a body', 'GET 1.1', 'GET 1.1']);
  // The server prefers HTTP/2 wherever it is offered.
  assert.deepEqual(origin.chosen, ['h2', 'http/1.1']);
  assert.equal(events('origin_wants_http1').length, 1);
  assert.deepEqual(
    events('pull_repeated').map(({ code }) => code),
    ['http1_required'],
  );
});

test('many that meet it at once are all served over HTTP/1.1', async (t) => {
  const { origin, events, session } = await world(t, refuse);
  const replies = await Promise.all(Array.from({ length: 20 }, () => ask(session)));
  for (const { body } of replies) assert.equal(body, 'over 1.1');
  assert.equal(origin.served.length, 20);
  assert.equal(events('origin_wants_http1').length, 1);
});

test('what is under way over HTTP/2 on other streams is finished', async (t) => {
  let finish = (): void => undefined;
  const { origin, session } = await world(t, (stream, earlier) => {
    if (earlier > 0) return refuse(stream);
    stream.respond({ ':status': 200 });
    stream.write('over');
    finish = () => stream.end(' 2');
  });
  const slow = ask(session);
  assert.equal((await ask(session)).body, 'over 1.1');
  finish();
  assert.equal((await slow).body, 'over 2');
  assert.equal((await ask(session)).body, 'over 1.1');
  assert.deepEqual(origin.chosen, ['h2', 'http/1.1']);
});

test('a body that is not kept costs its request an answer; the same again is served', async (t) => {
  const { origin, edge, session } = await world(t, refuse);
  const large = 'x'.repeat(100_000);
  assert.equal((await ask(session, { ':method': 'POST' }, large)).status, 520);
  assert.equal(edge.logged.at(-1)?.['code'], 'http1_required');
  assert.equal((await ask(session, { ':method': 'POST' }, large)).status, 200);
  assert.deepEqual(origin.served, [`POST 1.1 ${large}`]);
});

test('an answer that has begun is cut off, not begun again', async (t) => {
  let begun: ServerHttp2Stream | null = null;
  const { origin, session } = await world(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('half');
    begun = stream;
  });
  const stream = session.request({ ':path': '/', ':authority': 'www.a.test' });
  stream.on('error', () => undefined);
  stream.once('data', () => begun !== null && refuse(begun));
  await new Promise((resolve) => stream.once('close', resolve));
  assert.notEqual(stream.rstCode, 0);
  assert.deepEqual(origin.served, []);
  assert.equal((await ask(session)).body, 'over 1.1');
});

/** Closes the connection with a code; the last stream that it may have acted on is so far below this one. */
const away =
  (code: number, below: number): Conduct =>
  (stream) =>
    stream.session?.goaway(code, (stream.id ?? 0) - below);

test('an origin that closes the connection so is asked over HTTP/1.1 from then on', async (t) => {
  const { origin, session, events } = await world(t, away(NGHTTP2_HTTP_1_1_REQUIRED, 0));
  assert.equal((await ask(session)).body, 'over 1.1');
  assert.equal((await ask(session)).body, 'over 1.1');
  assert.deepEqual(
    [origin.served, origin.chosen],
    [
      ['GET 1.1', 'GET 1.1'],
      ['h2', 'http/1.1'],
    ],
  );
  assert.equal(events('origin_wants_http1').length, 1);
});

test('a POST is sent again after such an end only where the origin says that it did not act on it', async (t) => {
  for (const [code, below, statuses] of [
    [NGHTTP2_HTTP_1_1_REQUIRED, 2, [200, 200]],
    [NGHTTP2_HTTP_1_1_REQUIRED, 0, [200, 520]],
    // node:http2 shows the code of a GOAWAY as if each stream had been reset with it.
    [NGHTTP2_REFUSED_STREAM, 0, [200, 520]],
  ] as const) {
    const { session } = await world(t, (stream, earlier) => {
      (earlier === 0 ? answer : away(code, below))(stream, earlier);
    });
    const got: number[] = [];
    for (let n = 0; n < 2; n++) got.push((await ask(session, { ':method': 'POST' }, 'a body')).status);
    assert.deepEqual(got, statuses, `code ${code}, last stream ${below} below`);
  }
});

test('HTTP/2 is offered again when a connection of that time would be too old', async (t) => {
  let ahead = 0;
  let willing = false;
  const { origin, session } = await world(t, (stream) => (willing ? answer : refuse)(stream), {
    clock: () => performance.now() + ahead,
    pullLimits: { maxAge: 1_000_000 },
  });
  assert.equal((await ask(session)).body, 'over 1.1');
  willing = true;
  assert.equal((await ask(session)).body, 'over 1.1');
  ahead = 1_200_000;
  assert.equal((await ask(session)).body, 'over 2');
  assert.deepEqual(origin.chosen, ['h2', 'http/1.1', 'h2']);
});

test('who waits for room on such a connection is served over HTTP/1.1', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const limits = { pullLimits: { maxConnections: 2 } };
  const { origin, session } = await world(t, (stream) => void held.push(stream), limits);
  const replies = Array.from({ length: 30 }, () => ask(session));
  await until(() => held.length === 2 * STREAMS);
  for (const stream of held) refuse(stream);
  for (const { body } of await Promise.all(replies)) assert.equal(body, 'over 1.1');
  assert.deepEqual([held.length, origin.served.length], [2 * STREAMS, 30]);
});

/** A way to a port that holds back the second connection until it is told. */
async function holdingSecond(t: TestContext, to: number) {
  const sockets: Socket[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let accepted = 0;
  const server = createServer((from) => {
    const next = connect(to, '127.0.0.1');
    sockets.push(from, next);
    for (const socket of [from, next]) socket.on('error', () => socket.destroy());
    from.on('close', () => next.destroy());
    next.on('close', () => from.destroy());
    const pass = (): void => void from.pipe(next).pipe(from);
    if (++accepted === 2) void released.then(pass);
    else pass();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, release, accepted: () => accepted };
}

test('a connection that was on its way with HTTP/2 when the origin asked for HTTP/1.1 is opened anew', async (t) => {
  let held: ServerHttp2Stream | null = null;
  let streams = 0;
  const hold: Conduct = (stream) => {
    held = stream;
    streams++;
  };
  const origin = await startOrigin(t, hold, 1);
  const way = await holdingSecond(t, origin.port);
  const { edge } = await http2Edge(t, way.port);
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const first = ask(session);
  await until(() => held !== null);
  const second = ask(session);
  await until(() => way.accepted() === 2);
  if (held !== null) refuse(held);
  assert.equal((await first).body, 'over 1.1');
  way.release();
  assert.equal((await second).body, 'over 1.1');
  assert.deepEqual([streams, way.accepted()], [1, 4]);
});
