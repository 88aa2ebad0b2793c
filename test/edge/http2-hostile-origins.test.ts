import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import type { EdgeOptions } from '../../src/edge/start.ts';
import { ACK, END_HEADERS, END_STREAM, FRAME, frame, get, headerBlock, word } from './frames.ts';
import { http2Edge } from './http2-origin.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { serverCertificate } from './world.ts';

/** HTTP/2 origins that keep to no rule: each costs its own requests only, and nothing grows without bound. */

const SETTINGS = frame(FRAME.SETTINGS, 0, 0);
const PUSH_PROMISE = 0x5;
const UNKNOWN = 0xfb;

type Field = readonly [name: string, value: string];

function headers(fields: readonly Field[], flags = END_HEADERS | END_STREAM): Buffer {
  return frame(FRAME.HEADERS, flags, 1, headerBlock(fields));
}

/** An edge before a server that says this once the first request is here, and goes on saying `then`. */
async function world(t: TestContext, says: Buffer, then: Buffer | null = null, options: Partial<EdgeOptions> = {}) {
  const { leaf } = await serverCertificate(['*.a.test']);
  const sockets: TLSSocket[] = [];
  let closed = 0;
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal(), ALPNProtocols: ['h2'] };
  const server = createServer(tls, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => closed++);
    socket.once('data', () => {
      socket.write(says);
      const more = (): void => {
        if (then === null || socket.destroyed) return;
        socket.write(then, () => setImmediate(more));
      };
      more();
    });
    socket.on('data', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { edge } = await http2Edge(t, (server.address() as AddressInfo).port, {
    pullLimits: { answerTimeout: 5_000 },
    ...options,
  });
  return { edge, closed: () => closed };
}

const OK: Field = [':status', '200'];
const many = (count: number): Field[] => Array.from({ length: count }, (_, at) => [`x-${at}`, '1']);

const BAD_ANSWERS: Readonly<Record<string, Buffer>> = {
  'no status': headers([['x-a', '1']]),
  'two status': headers([OK, OK]),
  'a status that is no number': headers([[':status', '2x0']]),
  'a change of protocol': headers([[':status', '101']], END_HEADERS),
  'a field of the connection': headers([OK, ['connection', 'close']]),
  'a coding of the transfer': headers([OK, ['transfer-encoding', 'chunked']]),
  'a name with capitals': headers([OK, ['X-A', '1']]),
  'a length that is none': headers([OK, ['content-length', '-1']]),
  'two lengths': headers([OK, ['content-length', '1'], ['content-length', '2']]),
  'a length without a body': headers([OK, ['content-length', '1']]),
  'too many fields': headers([OK, ...many(129)]),
  'a field that is too long': Buffer.concat([
    frame(FRAME.HEADERS, END_STREAM, 1, headerBlock([OK])),
    ...Array.from({ length: 5 }, (_, at) =>
      frame(FRAME.CONTINUATION, at === 4 ? END_HEADERS : 0, 1, headerBlock([['x-a', 'a'.repeat(16_000)]])),
    ),
  ]),
  'interim responses without end': Buffer.concat(
    Array.from({ length: 40 }, () => headers([[':status', '103']], END_HEADERS)),
  ),
  'a push that was not wanted': Buffer.concat([
    frame(FRAME.SETTINGS, ACK, 0),
    frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([word(2), headerBlock(get('/pushed'))])),
  ]),
  'a frame that is too large': frame(FRAME.DATA, 0, 1, Buffer.alloc(20_000)),
  'data before a response': frame(FRAME.DATA, END_STREAM, 1, 'poison'),
  'no HTTP/2 at all': Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
};

for (const [name, answer] of Object.entries(BAD_ANSWERS)) {
  test(`an answer with ${name} is a bad answer`, async (t) => {
    const { edge } = await world(t, Buffer.concat([SETTINGS, answer]));
    assert.match((await visit(edge.https, 'www.a.test')).body, /not valid HTTP/);
    assert.equal(edge.logged.at(-1)?.['code'], 'bad_answer', JSON.stringify(edge.logged.at(-1)));
  });
}

test('a value with a line end goes no further', async (t) => {
  const { edge } = await world(t, Buffer.concat([SETTINGS, headers([OK, ['x-a', 'b\r\nx-b: c']])]));
  const { headers: fields } = await visit(edge.https, 'www.a.test');
  assert.deepEqual([fields.has('x-a'), fields.has('x-b')], [false, false]);
});

const times = (count: number, bytes: Buffer) => Buffer.concat(Array.from({ length: count }, () => bytes));

const FLOODS: Readonly<Record<string, Buffer>> = {
  pings: times(200, frame(FRAME.PING, 0, 0, Buffer.alloc(8))),
  settings: times(50, SETTINGS),
  'window updates': times(1_000, frame(FRAME.WINDOW_UPDATE, 0, 0, word(1))),
  'frames of an unknown type': times(1_000, frame(UNKNOWN, 0, 0, Buffer.alloc(100))),
  'empty data': times(1_000, frame(FRAME.DATA, 0, 1)),
  continuations: Buffer.concat([
    frame(FRAME.HEADERS, 0, 3, headerBlock([OK])),
    times(100, frame(FRAME.CONTINUATION, 0, 3, headerBlock([['x-a', '1']]))),
  ]),
};

for (const [name, flood] of Object.entries(FLOODS)) {
  test(`a flood of ${name} ends the connection`, async (t) => {
    const { edge, closed } = await world(t, Buffer.concat([SETTINGS, headers([OK], END_HEADERS)]), flood);
    const reply = visit(edge.https, 'www.a.test');
    await until(() => closed() === 1);
    await reply;
    assert.equal(edge.edge.snapshot().gauges['origin_connections|busy'], 0);
  });
}

test('who waits behind an origin that never says its settings is told with the first', async (t) => {
  const { edge } = await world(t, Buffer.alloc(0), null, { pullLimits: { openTimeout: 500 } });
  const replies = await Promise.all(Array.from({ length: 5 }, () => visit(edge.https, 'www.a.test')));
  for (const { status } of replies) assert.equal(status, 520);
});

test('who waits for a connection that cannot be opened is told with the first', async (t) => {
  const { edge } = await http2Edge(t, 1);
  const replies = await Promise.all(Array.from({ length: 5 }, () => visit(edge.https, 'www.a.test')));
  for (const { status } of replies) assert.equal(status, 521);
});
