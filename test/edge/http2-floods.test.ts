import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import {
  ACK,
  dialFrames,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type FrameSocket,
  frame,
  get,
  greeting,
  headerBlock,
  word,
} from './frames.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
const PIECE = Buffer.alloc(65_536);
type Test = Parameters<typeof startTestEdge>[0];

/** An edge whose origin answers everything but `/hang`, and how to see what an attack came to. */
async function world(t: Test, limits: Parameters<typeof startTestEdge>[2] = {}) {
  const zone = await makeZone('a.test');
  let abandoned = 0;
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), (request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) abandoned++;
    });
    if (request.url === '/endless') writeOn(response);
    else if (request.url !== '/hang') response.end('ok');
  });
  const edge = await startTestEdge(t, [zone], limits);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  const dial = async (settings?: Buffer): Promise<FrameSocket> => {
    const socket = await dialFrames(edge.https, 'www.a.test', greeting(settings));
    t.after(socket.destroy);
    return socket;
  };
  const reasons = () => edge.logged.filter(({ event }) => event === 'visitor_cut').map(({ because }) => because);
  /** The attacker is gone, the log says why, and everybody else is served. */
  const cutOff = async (socket: FrameSocket, because: string) => {
    await socket.closed;
    assert.deepEqual(reasons(), [because]);
    assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  };
  return { origin, edge, dial, reasons, cutOff, abandoned: () => abandoned };
}

/** As much as the other side takes, for ever. */
function writeOn(response: ServerResponse): void {
  while (response.write(PIECE));
  response.once('drain', () => writeOn(response));
}

function headers(stream: number, path = '/hang', flags = END_HEADERS | END_STREAM): Buffer {
  return frame(FRAME.HEADERS, flags, stream, headerBlock(get(path)));
}

/** Sends the same again and again until the edge hangs up, a megabyte at most ahead of what it takes. */
async function flood(socket: FrameSocket, piece: Buffer): Promise<void> {
  const bulk = Buffer.concat(Array.from({ length: Math.ceil(65_536 / piece.length) }, () => piece));
  while (socket.open()) if (!socket.write(bulk)) await socket.drained();
}

test('rapid reset: requests taken back by the hundred cut the visitor off before they become as many pulls', async (t) => {
  const { origin, dial, cutOff } = await world(t);
  const socket = await dial();
  for (let n = 0; n < 5_000; n++) socket.send(headers(1 + 2 * n), frame(FRAME.RST_STREAM, 0, 1 + 2 * n, word(8)));
  await cutOff(socket, 'resets');
  assert.ok(origin.seen.length < 300, `${origin.seen.length} requests reached the origin`);
});

test('requests that make the edge reset them count as well', async (t) => {
  const { origin, dial, cutOff } = await world(t);
  const socket = await dial();
  for (let n = 0; n < 2_000; n++)
    socket.send(headers(1 + 2 * n, '/hang', END_HEADERS), frame(FRAME.WINDOW_UPDATE, 0, 1 + 2 * n, word(0)));
  await cutOff(socket, 'protocol_error');
  assert.ok(origin.seen.length < 300);
});

test('a head that goes on in CONTINUATION frames without end', async (t) => {
  const { dial, cutOff } = await world(t);
  const socket = await dial();
  socket.send(frame(FRAME.HEADERS, END_STREAM, 1, headerBlock(get())));
  await flood(socket, frame(FRAME.CONTINUATION, 0, 1, headerBlock([['x-a', 'b'.repeat(100)]])));
  await cutOff(socket, 'continuations');
});

test('empty CONTINUATION frames without end', async (t) => {
  const { dial, cutOff } = await world(t);
  const socket = await dial();
  socket.send(frame(FRAME.HEADERS, END_STREAM, 1, headerBlock(get())));
  await flood(socket, frame(FRAME.CONTINUATION, 0, 1));
  await cutOff(socket, 'continuations');
});

for (const [what, piece, because] of [
  ['PING frames', frame(FRAME.PING, 0, 0, Buffer.alloc(8)), 'pings'],
  ['SETTINGS frames', frame(FRAME.SETTINGS, 0, 0), 'settings'],
  ['acknowledgements of settings', frame(FRAME.SETTINGS, ACK, 0), 'protocol_error'],
  ['PRIORITY frames', frame(FRAME.PRIORITY, 0, 1, Buffer.from([0, 0, 0, 0, 1])), 'protocol_error'],
  ['frames of unknown types', frame(0x42, 0, 0, 'x'), 'protocol_error'],
  ['window updates', frame(FRAME.WINDOW_UPDATE, 0, 0, word(1)), 'overhead'],
] as const) {
  test(`${what} without end`, async (t) => {
    const { dial, cutOff, edge } = await world(t);
    const socket = await dial();
    const meanwhile = visit(edge.https, 'www.a.test');
    await flood(socket, piece);
    assert.equal((await meanwhile).status, 200);
    await cutOff(socket, because);
  });
}

test('empty DATA frames without end', async (t) => {
  const { dial, cutOff } = await world(t);
  const socket = await dial();
  socket.send(headers(1, '/hang', END_HEADERS));
  await flood(socket, frame(FRAME.DATA, 0, 1));
  await cutOff(socket, 'invalid_frames');
});

test('empty HEADERS frames without end', async (t) => {
  const { origin, dial, edge } = await world(t);
  const socket = await dial();
  for (let n = 0; n < 5_000 && socket.open(); n++)
    socket.send(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, 1 + 2 * n));
  await socket.closed;
  assert.deepEqual(origin.seen, []);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('small header blocks that unpack to large lists', async (t) => {
  const { origin, dial, edge } = await world(t);
  const socket = await dial();
  // RFC 7541 §6.2.1: the field enters the table at index 62; each further byte stands for all of it (§6.1).
  const large = Buffer.concat([Buffer.of(0x40), headerBlock([['x-a', 'b'.repeat(3_000)]]).subarray(1)]);
  const block = Buffer.concat([headerBlock(get()), large, Buffer.alloc(10_000, 0x80 | 62)]);
  socket.send(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, 1, block));
  assert.ok(await socket.until(({ type }) => type === FRAME.RST_STREAM || type === FRAME.GOAWAY));
  assert.deepEqual(origin.seen, []);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('more requests at once than a connection may have', async (t) => {
  const { origin, dial, reasons, edge } = await world(t);
  const socket = await dial();
  for (let n = 0; n < 150; n++) socket.send(headers(1 + 2 * n));
  const refused = await socket.until(({ type, payload }) => type === FRAME.RST_STREAM && payload.readUInt32BE(0) === 7);
  assert.equal(refused?.stream, 201, 'the hundred and first, with REFUSED_STREAM');
  await until(() => origin.seen.length === 100);
  assert.deepEqual(reasons(), []);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('answers that nobody takes are given up, and their origins with them', async (t) => {
  const { dial, reasons, edge, abandoned } = await world(t, { visitorLimits: { unreadTimeout: 500 } });
  // SETTINGS_INITIAL_WINDOW_SIZE 0: not one byte of a body may be sent.
  const socket = await dial(Buffer.from([0, 4, 0, 0, 0, 0]));
  for (let n = 0; n < 40; n++) socket.send(headers(1 + 2 * n, '/endless'));
  await until(() => reasons().length === 40);
  assert.ok(reasons().every((because) => because === 'reader_stalled'));
  await until(() => abandoned() === 40);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('bodies that stop coming are given up', async (t) => {
  const { dial, reasons, edge } = await world(t, { visitorLimits: { bodyTimeout: 500 } });
  const socket = await dial();
  for (let n = 0; n < 20; n++)
    socket.send(headers(1 + 2 * n, '/', END_HEADERS), frame(FRAME.DATA, 0, 1 + 2 * n, 'half'));
  await until(() => reasons().length === 20);
  assert.ok(reasons().every((because) => because === 'body_timeout'));
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('a connection that asks for nothing is closed, first or later', async (t) => {
  const { dial } = await world(t, { visitorLimits: { headTimeout: 300, idleTimeout: 300, lingerTimeout: 300 } });
  const silent = await dial();
  const once = await dial();
  once.send(headers(1, '/'));
  for (const socket of [silent, once]) {
    assert.ok(await socket.until(({ type }) => type === FRAME.GOAWAY));
    await socket.closed;
  }
  assert.ok(once.received.some(({ type, stream }) => type === FRAME.HEADERS && stream === 1));
});

test('a head that is never finished does not keep its connection', async (t) => {
  const { dial } = await world(t, { visitorLimits: { headTimeout: 300, lingerTimeout: 300 } });
  const socket = await dial();
  socket.send(frame(FRAME.HEADERS, END_STREAM, 1, headerBlock(get())));
  await socket.closed;
});

test('a visitor that reads nothing at all does not keep its connection', async (t) => {
  const { dial, edge, reasons, abandoned } = await world(t, {
    visitorLimits: { unreadTimeout: 500, headTimeout: 300, idleTimeout: 300, lingerTimeout: 300 },
  });
  // A large window, so that only the system's buffers hold the answers up.
  const socket = await dial(Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff]));
  socket.send(frame(FRAME.WINDOW_UPDATE, 0, 0, word(0x7f00_0000)));
  socket.stopReading();
  for (let n = 0; n < 30; n++) socket.send(headers(1 + 2 * n, '/endless'));
  await until(() => abandoned() === 30);
  assert.deepEqual(new Set(reasons()), new Set(['reader_stalled']));
  await edge.edge.close(600_000);
});

test('a visitor that vanishes or closes its side takes its pulls with it', async (t) => {
  const { origin, dial, abandoned } = await world(t);
  for (const leave of ['destroy', 'end'] as const) {
    const before = abandoned();
    const socket = await dial();
    for (let n = 0; n < 10; n++) socket.send(headers(1 + 2 * n));
    await until(() => origin.seen.length === before + 10);
    socket[leave]();
    await until(() => abandoned() === before + 10);
  }
});

const WAYS_TO_LEAVE: Readonly<Record<string, (socket: FrameSocket, streams: readonly number[]) => void>> = {
  vanishes: (socket) => socket.destroy(),
  'closes its side': (socket) => socket.end(),
  'takes them back': (socket, streams) =>
    socket.send(...streams.map((stream) => frame(FRAME.RST_STREAM, 0, stream, word(8)))),
};

for (const [how, leave] of Object.entries(WAYS_TO_LEAVE)) {
  test(`uploads that wait for an origin leave the queue when their visitor ${how}`, async (t) => {
    const { origin, dial, edge } = await world(t, { pullLimits: { maxConnections: 4, maxWaiting: 8 } });
    const gauge = (name: string) => edge.edge.snapshot().gauges[name] ?? 0;
    const connections = (state: string) => gauge(`origin_connections|${state}`);
    for (let visitor = 0; visitor < 5; visitor++) {
      const socket = await dial();
      const streams = Array.from({ length: 12 }, (_, n) => 1 + 2 * n);
      for (const stream of streams) {
        socket.send(headers(stream, '/hang', END_HEADERS), frame(FRAME.DATA, 0, stream, 'the first of much'));
      }
      await until(() => connections('busy') === 4 && gauge('pulls_waiting') === 8);
      leave(socket, streams);
      await until(() => connections('busy') + connections('opening') + gauge('pulls_waiting') === 0);
    }
    assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
    const failures = edge.logged.filter(({ event }) => event === 'pull_failed');
    assert.deepEqual([failures, origin.seen.length], [[], 1], 'nobody that has left was pulled for');
  });
}
