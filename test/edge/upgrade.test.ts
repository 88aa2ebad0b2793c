import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:https';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws';
import { hostname } from '../../src/domain/ids.ts';
import { dial, exchange, parse } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const NAME = 'www.a.test';
const WWW = must(hostname(NAME));
const HEAD = `GET /socket HTTP/1.1\r\nHost: ${NAME}\r\n`;
const ASKING = `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n`;
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';

async function world(t: TestContext, limits: Parameters<typeof startTestEdge>[2] = {}) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone], limits);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

type Upgraded = (socket: TLSSocket, head: Buffer, fields: readonly string[]) => void;

/** What the origin does with a request to change the protocol. */
function onUpgrade(t: TestContext, server: Server, upgraded: Upgraded): void {
  const open = new Set<TLSSocket>();
  server.on('upgrade', (request, socket: TLSSocket, head: Buffer) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    upgraded(socket, head, request.rawHeaders);
  });
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
}

function echoes(t: TestContext, server: Server): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (one: WebSocket) => {
      one.on('message', (data, binary) => one.send(data, { binary }));
    });
  });
  t.after(() => {
    for (const one of sockets.clients) one.terminate();
  });
}

function client(port: number): WsClient {
  return new WsClient(`wss://${NAME}:${port}/socket`, {
    createConnection: () => connect({ port, host: '127.0.0.1', servername: NAME, rejectUnauthorized: false }),
    // The edge knows the host by its name, whatever port a test listens on.
    headers: { host: NAME },
  });
}

/** Sends bytes, and reads until what came back holds `until`. */
async function talk(
  socket: TLSSocket | Awaited<ReturnType<typeof dial>>,
  bytes: string,
  until: string,
): Promise<string> {
  let received = '';
  const found = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    if (received.includes(until)) found.resolve();
  });
  socket.on('close', () => found.reject(new Error(`closed after ${JSON.stringify(received)}`)));
  socket.write(bytes);
  await found.promise;
  return received;
}

test('WebSocket messages of all sizes go through the edge, and so does the closing handshake', async (t) => {
  const { origin, edge } = await world(t);
  echoes(t, origin.server);
  const socket = client(edge.https);
  await once(socket, 'open');
  for (const size of [0, 1, 125, 126, 65_536, 1_000_000]) {
    const sent = Buffer.alloc(size, 'x');
    const answered = once(socket, 'message');
    socket.send(sent);
    const [got] = (await answered) as [Buffer];
    assert.ok(got.equals(sent), `${size} bytes`);
  }
  const closed = once(socket, 'close');
  socket.close(4_001, 'done');
  const [code] = (await closed) as [number];
  assert.equal(code, 4_001);
});

test('many WebSockets at once each get their own messages', async (t) => {
  const { origin, edge } = await world(t);
  echoes(t, origin.server);
  const talks = Array.from({ length: 20 }, async (_, index) => {
    const socket = client(edge.https);
    await once(socket, 'open');
    const answered = once(socket, 'message');
    socket.send(`hello ${index}`);
    const [got] = (await answered) as [Buffer];
    socket.close();
    await once(socket, 'close');
    return got.toString();
  });
  assert.deepEqual(
    await Promise.all(talks),
    talks.map((_, index) => `hello ${index}`),
  );
});

test('bytes that come with the handshake, from either side, are the first of the other protocol', async (t) => {
  const { origin, edge } = await world(t);
  onUpgrade(t, origin.server, (socket, head) => {
    let got = head.toString('latin1');
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
      if (got === 'early') socket.write('got early');
    });
    socket.write(`${SWITCHING}\r\nfirst `);
  });
  const socket = await dial(edge.https, NAME);
  t.after(() => socket.destroy());
  const received = await talk(socket, `${ASKING}\r\nearly`, 'got early');
  assert.match(received, /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nfirst got early$/);
});

test('the origin is asked for a WebSocket by the fields of the visitor, with the edge’s own beside them', async (t) => {
  const { origin, edge } = await world(t);
  const asked = Promise.withResolvers<readonly string[]>();
  onUpgrade(t, origin.server, (socket, _head, fields) => {
    asked.resolve(fields);
    socket.end(`${SWITCHING}Sec-WebSocket-Accept: x\r\nX-Accel-Redirect: /secret\r\n\r\n`);
  });
  const socket = await dial(edge.https, NAME);
  const raw = await exchange(socket, `${ASKING}CF-Connecting-IP: 192.0.2.1\r\nConnection: keep-alive\r\n\r\n`);
  const sent = await asked.promise;
  const fields = sent.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${sent[index + 1] ?? ''}`] : []));
  const expected = ['Upgrade: websocket', 'Connection: Upgrade', 'CF-Connecting-IP: 127.0.0.1'];
  for (const line of expected) assert.equal(fields.filter((field) => field === line).length, 1, line);
  assert.equal(fields.filter((field) => /^(?:upgrade|connection|cf-connecting-ip):/i.test(field)).length, 3);
  assert.ok(fields.some((field) => field.startsWith('Sec-WebSocket-Key: ')));
  assert.match(raw, /\r\nSec-WebSocket-Accept: x\r\n/);
  assert.doesNotMatch(raw, /x-accel/i);
});

test('an origin that does not switch answers as to any request, and the connection goes on', async (t) => {
  const { edge } = await world(t);
  const socket = await dial(edge.https, NAME);
  const raw = await exchange(socket, `${ASKING}\r\n${HEAD}Connection: close\r\n\r\n`);
  assert.deepEqual(raw.match(/HTTP\/1\.1 \d\d\d/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
});

const NOT_PASSED = {
  'to HTTP/2': ASKING.replace('websocket', 'h2c'),
  'to one of several protocols': ASKING.replace('websocket', 'websocket, h2c'),
  'by POST': ASKING.replace('GET', 'POST'),
  'with a body': `${ASKING}Content-Length: 0\r\n`,
  'that Connection does not name': ASKING.replace('Connection: Upgrade\r\n', ''),
  'in HTTP/1.0': ASKING.replace('HTTP/1.1', 'HTTP/1.0'),
};

for (const [how, head] of Object.entries(NOT_PASSED)) {
  test(`an upgrade ${how} is not passed on: the origin sees an ordinary request`, async (t) => {
    const { origin, edge } = await world(t);
    onUpgrade(t, origin.server, (socket) => socket.destroy());
    const socket = await dial(edge.https, NAME);
    const raw = await exchange(socket, `${head}\r\n${HEAD}Connection: close\r\n\r\n`);
    assert.equal(parse(raw).status, 200);
    assert.equal(origin.seen[0]?.headers.map((name) => name.toLowerCase()).includes('upgrade'), false);
  });
}

test('an origin that changes to what nobody asked for is a bad origin', async (t) => {
  const { origin, edge } = await world(t);
  onUpgrade(t, origin.server, (socket) => socket.write(`${SWITCHING.replace('websocket', 'other')}\r\nbytes`));
  const asked = await dial(edge.https, NAME);
  assert.equal(parse(await exchange(asked, `${ASKING}Connection: close\r\n\r\n`)).status, 520);
});

test('nothing that moves for too long ends a WebSocket at both sides', async (t) => {
  const { origin, edge } = await world(t, { visitorLimits: { tunnelTimeout: 100 } });
  const ended = Promise.withResolvers<void>();
  onUpgrade(t, origin.server, (socket) => {
    socket.on('close', () => ended.resolve());
    socket.write(`${SWITCHING}\r\n`);
  });
  const raw = await exchange(await dial(edge.https, NAME), `${ASKING}\r\n`);
  assert.match(raw, /^HTTP\/1\.1 101 /);
  await ended.promise;
});

test('the end of one side is the end of the other, and nothing on its way is lost', async (t) => {
  const { origin, edge } = await world(t);
  const body = 'y'.repeat(500_000);
  onUpgrade(t, origin.server, (socket) => socket.end(`${SWITCHING}\r\n${body}`));
  const raw = await exchange(await dial(edge.https, NAME), `${ASKING}\r\n`);
  assert.equal(raw.slice(raw.indexOf('\r\n\r\n') + 4), body);
});

test('a visitor that leaves takes its WebSocket at the origin with it', async (t) => {
  const { origin, edge } = await world(t);
  const ended = Promise.withResolvers<void>();
  onUpgrade(t, origin.server, (socket) => {
    socket.on('close', () => ended.resolve());
    socket.write(`${SWITCHING}\r\n`);
  });
  const socket = await dial(edge.https, NAME);
  await talk(socket, `${ASKING}\r\n`, '\r\n\r\n');
  socket.removeAllListeners('close');
  socket.destroy();
  await ended.promise;
});

test('a WebSocket ends by the deadline when its identity does', async (t) => {
  const { zone, origin, edge } = await world(t, { pullLimits: { drainTimeout: 50 } });
  onUpgrade(t, origin.server, (socket) => socket.write(`${SWITCHING}\r\n`));
  const socket = await dial(edge.https, NAME);
  const ended = once(socket, 'close');
  await talk(socket, `${ASKING}\r\n`, '\r\n\r\n').catch(() => undefined);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'on', identity: null } }, []);
  await ended;
});

test('draining the edge ends what speaks another protocol at the deadline', async (t) => {
  const { origin, edge } = await world(t);
  onUpgrade(t, origin.server, (socket) => socket.write(`${SWITCHING}\r\n`));
  const socket = await dial(edge.https, NAME);
  await talk(socket, `${ASKING}\r\n`, '\r\n\r\n');
  socket.removeAllListeners('close');
  const ended = once(socket, 'close');
  await edge.edge.close(50);
  await ended;
});
