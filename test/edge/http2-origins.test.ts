import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { resetStream } from '../../src/http2/reset-stream.ts';
import { http2Edge, http2Host, type Seen, startHttp2Origin } from './http2-origin.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { ask, dialHttp2 } from './visit-http2.ts';
import { serverCertificate, startOrigin } from './world.ts';

/** Pulls over HTTP/2, from records that ask for it. */

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

const ON = { accessLog: { policy: { kind: 'on' }, query: false } } as const;

async function world(t: TestContext, conduct: Parameters<typeof startHttp2Origin>[1] = {}, options = {}) {
  const origin = await startHttp2Origin(t, conduct);
  return { origin, ...(await http2Edge(t, origin.port, options)) };
}

/** Holds all requests until so many are here, then answers each with its path. */
function together(count: number) {
  const held: (() => void)[] = [];
  return (stream: ServerHttp2Stream, seen: Seen): void => {
    held.push(() => {
      stream.respond({ ':status': 200 });
      stream.end(`hello ${seen.fields[':path']}`);
    });
    if (held.length >= count) for (const answer of held.splice(0)) answer();
  };
}

test('requests of several visitors share one connection, each with the identity of the plan', async (t) => {
  const { origin, edge, zone } = await world(t, { answer: together(20) }, ON);
  const paths = Array.from({ length: 20 }, (_, at) => `/${at}`);
  const replies = await Promise.all(paths.map((path) => visit(edge.https, 'www.a.test', path)));
  for (const [at, { body }] of replies.entries()) assert.match(body, new RegExp(`hello /${at}\\r\\n`));
  assert.equal(origin.sessions.length, 1);
  for (const { shown } of origin.seen) assert.equal(shown, zone.identity.fingerprint);
  await until(() => edge.logged.filter(({ event }) => event === 'request').length === 20);
  for (const line of edge.logged) if (line.event === 'request') assert.equal(line['origin_protocol'], '2');
  const { counters } = edge.edge.snapshot();
  assert.deepEqual([counters['pull_connections_total|new|2'], counters['pull_connections_total|reused|2']], [1, 19]);
});

test('an origin gets what HTTP/1.1 would have told it, and nothing that speaks of a connection', async (t) => {
  const { origin, edge } = await world(t);
  const extra = 'Cookie: a=1; b=2\r\nKeep-Alive: 5\r\nTE: trailers\r\nX-Own: b\r\nX-Forwarded-For: 192.0.2.1\r\n';
  assert.equal((await visit(edge.https, 'www.a.test', '/a?b', extra)).status, 200);
  const [seen] = origin.seen;
  assert.ok(seen);
  const { fields } = seen;
  assert.deepEqual(
    [fields[':method'], fields[':scheme'], fields[':authority'], fields[':path']],
    ['GET', 'https', 'www.a.test', '/a?b'],
  );
  assert.equal(fields.cookie, 'a=1; b=2');
  assert.equal(fields['te'], 'trailers');
  assert.equal(fields['x-own'], 'b');
  assert.equal(fields['x-forwarded-for'], '127.0.0.1');
  assert.match(String(fields['cf-ray']), /^[0-9a-f]{16}$/);
  assert.match(String(fields['cdn-loop']), /^postern-/);
  for (const name of ['connection', 'keep-alive', 'host', 'upgrade', 'transfer-encoding', 'content-length'])
    assert.equal(fields[name], undefined, name);
});

test('bodies of requests arrive whole, with their length or their trailers', async (t) => {
  const { origin, edge } = await world(t);
  const send = async (text: string) => parse(await exchange(await dial(edge.https, 'www.a.test'), text)).status;
  const head = 'POST / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n';
  assert.equal(await send(`${head}Content-Length: 5\r\n\r\nhello`), 200);
  assert.equal(await send(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`), 200);
  assert.equal(await send(`${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 200);
  assert.equal(await send(`${head}Content-Length: 0\r\n\r\n`), 200);
  const told = origin.seen.map(({ fields, body, trailers }) => [fields['content-length'], body, trailers['x-sum']]);
  assert.deepEqual(told, [
    ['5', 'hello', undefined],
    [undefined, 'hello', '1'],
    [undefined, '', undefined],
    ['0', '', undefined],
  ]);
});

test('large bodies go both ways unchanged', async (t) => {
  const bytes = Buffer.alloc(8_388_608, 'postern');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const { origin, edge } = await world(t, {
    answer: (stream) => {
      stream.respond({ ':status': 200 });
      stream.end(bytes);
    },
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const reply = await ask(session, { ':method': 'POST' }, bytes);
  assert.equal(createHash('sha256').update(reply.body, 'latin1').digest('hex'), digest);
  assert.equal(
    createHash('sha256')
      .update(origin.seen[0]?.body ?? '', 'latin1')
      .digest('hex'),
    digest,
  );
});

test('answers keep their status, fields, length, trailers and what came before them', async (t) => {
  const { edge } = await world(t, {
    answer: (stream, { fields }) => {
      const path = fields[':path'] ?? '';
      if (path === '/head') stream.respond({ ':status': 200, 'content-length': 99 }, { endStream: true });
      else if (path === '/empty') stream.respond({ ':status': 200 }, { endStream: true });
      else if (path === '/early') {
        stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
        stream.end('body');
      } else stream.respond({ ':status': Number(path.slice(1)) }, { endStream: true });
    },
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const head = await ask(session, { ':method': 'HEAD', ':path': '/head' });
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '99', '']);
  for (const status of [204, 304, 404]) assert.equal((await ask(session, { ':path': `/${status}` })).status, status);
  const early = await ask(session, { ':path': '/early' });
  assert.deepEqual([early.body, early.trailers['x-sum'], early.interims[0]?.[':status']], ['body', '1', 103]);
  const socket = await dial(edge.https, 'www.a.test');
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: www.a.test\r\n${more}\r\n`;
  const raw = await exchange(socket, get('/empty') + get('/204') + get('/early', 'Connection: close\r\n'));
  assert.match(
    raw,
    /^HTTP\/1\.1 200 \r\n[\s\S]*content-length: 0\r\n[\s\S]*HTTP\/1\.1 204 [\s\S]*HTTP\/1\.1 103 [\s\S]*4\r\nbody\r\n0\r\nx-sum: 1\r\n\r\n$/,
  );
});

test('an origin that chooses HTTP/1.1 is pulled from as ever, by as many as wait', async (t) => {
  const { zone, edge } = await world(t, {}, ON);
  const old = await startOrigin(t, null, await serverCertificate(['*.a.test']));
  edge.change(zone, zone.rules, [http2Host(old.port)]);
  const replies = await Promise.all(Array.from({ length: 8 }, () => visit(edge.https, 'www.a.test')));
  for (const { body } of replies) assert.equal(body, 'hello /');
  await until(() => edge.logged.some(({ event }) => event === 'request'));
  assert.equal(edge.logged.find(({ event }) => event === 'request')?.['origin_protocol'], '1.1');
});

test('a WebSocket goes over a connection of HTTP/1.1 beside those of HTTP/2', async (t) => {
  const { origin, edge } = await world(t, { options: { allowHTTP1: true } });
  origin.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.end(chunk));
  });
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const socket = await dial(edge.https, 'www.a.test');
  socket.write('GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  const echoed = once(socket, 'data');
  socket.write('through');
  assert.equal(String(await echoed), 'through');
  socket.destroy();
  assert.equal(origin.seen.length, 1);
});

test('an answer that breaks off never looks whole, however its stream or connection ends', async (t) => {
  const cuts: Record<string, (stream: ServerHttp2Stream) => void> = {
    '/no-error': (stream) => resetStream(stream, NGHTTP2_NO_ERROR),
    '/cancel': (stream) => resetStream(stream, NGHTTP2_CANCEL),
    '/internal': (stream) => resetStream(stream, NGHTTP2_INTERNAL_ERROR),
    '/dead': (stream) => stream.session?.socket.destroy(),
    '/session': (stream) => stream.session?.destroy(),
  };
  let cut = (): void => undefined;
  const { edge } = await world(t, {
    answer: (stream, { fields }) => {
      stream.respond({ ':status': 200 });
      stream.write('half');
      cut = () => cuts[fields[':path'] ?? '']?.(stream);
    },
  });
  for (const path of Object.keys(cuts)) {
    const socket = await dial(edge.https, 'www.a.test');
    socket.once('data', () => cut());
    const raw = await exchange(socket, `GET ${path} HTTP/1.1\r\nHost: www.a.test\r\n\r\n`);
    assert.match(raw, /4\r\nhalf\r\n$/, path);
    assert.equal(edge.logged.at(-1)?.['code'], 'closed_early', path);
  }
});

test('a stream that the origin resets disturbs no other on its connection', async (t) => {
  const streams = new Map<string, ServerHttp2Stream>();
  const { origin, edge } = await world(t, {
    answer: (stream, { fields }) => {
      streams.set(fields[':path'] ?? '', stream);
      stream.respond({ ':status': 200 });
      stream.write('half');
    },
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const [lost, kept] = [ask(session, { ':path': '/lost' }), ask(session, { ':path': '/kept' })];
  await until(() => streams.size === 2);
  const [reset, ended] = [streams.get('/lost'), streams.get('/kept')];
  assert.ok(reset && ended);
  resetStream(reset, NGHTTP2_INTERNAL_ERROR);
  assert.notEqual((await lost).reset, 0);
  ended.end(' and half');
  assert.deepEqual([(await kept).body, origin.sessions.length], ['half and half', 1]);
});

for (const [name, refuse] of [
  ['refused', (stream: ServerHttp2Stream) => resetStream(stream, NGHTTP2_REFUSED_STREAM)],
  ['above the last of a GOAWAY', (stream: ServerHttp2Stream) => stream.session?.goaway(0, (stream.id ?? 0) - 2)],
  [
    'above the last of a GOAWAY for a fault',
    (stream: ServerHttp2Stream) => stream.session?.goaway(2, (stream.id ?? 0) - 2),
  ],
] as const) {
  test(`a POST whose stream is ${name} is sent again with its body, on another connection`, async (t) => {
    let times = 0;
    const { origin, edge } = await world(t, {
      early: (stream, fields) => {
        if (fields[':method'] !== 'POST' || ++times > 1) return false;
        stream.on('data', () => undefined);
        stream.once('end', () => refuse(stream));
        return true;
      },
    });
    const session = await dialHttp2(t, edge.https, 'www.a.test');
    assert.equal((await ask(session)).status, 200);
    const reply = await ask(session, { ':method': 'POST' }, 'a body');
    assert.equal(reply.status, 200);
    assert.deepEqual(
      origin.seen.map((seen) => [seen.fields[':method'], seen.body, seen.session]),
      [
        ['GET', '', 0],
        ['POST', 'a body', 1],
      ],
    );
  });
}

test('a POST that the origin may have acted on is not sent again', async (t) => {
  const { origin, edge } = await world(t, {
    early: (stream, fields) => {
      if (fields[':method'] === 'POST') stream.once('data', () => stream.session?.socket.destroy());
      return false;
    },
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  assert.equal((await ask(session)).status, 200);
  assert.equal((await ask(session, { ':method': 'POST' }, 'a body')).status, 520);
  assert.equal((await ask(session)).status, 200);
  assert.deepEqual(
    origin.seen.map(({ fields }) => fields[':method']),
    ['GET', 'GET'],
  );
});

test('a GOAWAY lets what is under way finish, and what comes next goes over another connection', async (t) => {
  let finish = (): void => undefined;
  const { origin, edge } = await world(t, {
    answer: (stream, { fields }) => {
      stream.respond({ ':status': 200 });
      if (fields[':path'] !== '/slow') return void stream.end('quick');
      stream.write('ha');
      finish = () => stream.end('lf');
      stream.session?.goaway(0, stream.id);
    },
  });
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const slow = ask(session, { ':path': '/slow' });
  await until(() => origin.seen.length === 1);
  assert.equal((await ask(session)).body, 'quick');
  finish();
  assert.equal((await slow).body, 'half');
  assert.equal(origin.sessions.length, 2);
});

test('no more streams are opened than the origin allows; others wait for their turn', async (t) => {
  let most = 0;
  let open = 0;
  const { origin, edge } = await world(
    t,
    {
      answer: (stream) => {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          stream.respond({ ':status': 200 });
          stream.end('ok');
        });
      },
      options: { settings: { maxConcurrentStreams: 2 } },
    },
    { pullLimits: { maxConnections: 1 } },
  );
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const replies = await Promise.all(Array.from({ length: 30 }, () => ask(session)));
  for (const { status } of replies) assert.equal(status, 200);
  assert.deepEqual([origin.sessions.length, origin.resets], [1, []]);
  assert.ok(most <= 2, `${most} at once`);
});

test('an upload whose visitor leaves is reset, and never passes for a whole one', async (t) => {
  let begun = false;
  const { origin, edge } = await world(t, {
    early: () => {
      begun = true;
      return false;
    },
  });
  const socket = await dial(edge.https, 'www.a.test');
  socket.write('POST / HTTP/1.1\r\nHost: www.a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  await until(() => begun);
  socket.destroy();
  await until(() => origin.resets.length === 1);
  assert.deepEqual([origin.resets, origin.seen.length], [[NGHTTP2_CANCEL], 0]);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.equal(origin.sessions.length, 1, 'the connection goes on');
});

test('a visitor that does not read holds up its own stream only', async (t) => {
  const chunk = Buffer.alloc(65_536);
  let written = 0;
  const { origin, edge } = await world(t, {
    answer: (stream, { fields }) => {
      stream.respond({ ':status': 200 });
      if (fields[':path'] !== '/endless') return void stream.end('ok');
      const more = (): void => {
        if (stream.destroyed) return;
        written += chunk.length;
        if (stream.write(chunk)) more();
      };
      stream.on('drain', more);
      more();
    },
  });
  const stalled = await dial(edge.https, 'www.a.test');
  stalled.pause();
  stalled.write('GET /endless HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  let before = -1;
  await until(() => {
    const still = written > 0 && before === written;
    before = written;
    return still;
  });
  assert.match((await visit(edge.https, 'www.a.test')).body, /ok/);
  assert.equal(origin.sessions.length, 1);
  stalled.destroy();
  await until(() => origin.resets.length === 1);
});

test('a certificate that ends while streams are open lets them finish, and nothing else go that way', async (t) => {
  let ahead = 0;
  let finish = (): void => undefined;
  const { origin, edge } = await world(
    t,
    {
      answer: (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('ha');
        finish = () => stream.end('lf');
      },
    },
    { now: () => Date.now() + ahead },
  );
  const session = await dialHttp2(t, edge.https, 'www.a.test');
  const slow = ask(session);
  await until(() => origin.seen.length === 1);
  ahead = 31 * 86_400_000;
  await until(() => edge.edge.snapshot().gauges['pools'] === 0);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 525);
  finish();
  assert.equal((await slow).body, 'half');
  await until(() => origin.sessions[0]?.destroyed === true);
  assert.equal(origin.seen.length, 1);
});
