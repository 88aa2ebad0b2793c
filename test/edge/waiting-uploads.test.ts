import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { host, makeZone, must, startTestEdge } from './world.ts';

/** Uploads wait with their visitors until there is a connection to their origin. */

const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];
type Limits = Parameters<typeof startTestEdge>[2];

const HEAD = 'POST /upload HTTP/1.1\r\nHost: www.a.test\r\n';
const PATIENT = { visitorLimits: { headTimeout: 600_000 } };

/** An origin over plain HTTP that says what it got, and holds the answer to `/hold` back until it is told. */
async function startHolding(t: Test) {
  const seen: string[] = [];
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url === '/hold') held.push(response);
      else response.end(`got ${Buffer.concat(chunks).toString('latin1')}`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { port, seen, held };
}

/** An edge that may have one connection to the origin, which a visit holds until it is released; four may wait for it. */
async function heldWorld(t: Test, limits: Limits = PATIENT) {
  const zone = await makeZone('a.test');
  const origin = await startHolding(t);
  const edge = await startTestEdge(t, [zone], { pullLimits: { maxConnections: 1, maxWaiting: 4 }, ...limits });
  const rules = { ...zone.rules, ssl: 'flexible', alwaysUseHttps: false } as const;
  const leadTo = (port: number) => edge.change(zone, rules, [host(WWW, { http: port })]);
  leadTo(origin.port);
  const holder = visit(edge.https, 'www.a.test', '/hold');
  await until(() => origin.held.length === 1);
  const gauge = (name: string) => edge.edge.snapshot().gauges[name];
  const waiting = () => gauge('pulls_waiting');
  const busy = () => gauge('origin_connections|busy');
  const release = async () => {
    origin.held[0]?.end('held');
    assert.equal((await holder).status, 200);
  };
  /** Whatever has arrived at the edge so far has been read there. */
  const settled = async () => {
    assert.equal(
      parse(await exchange(await dial(edge.http, null), 'GET / HTTP/1.0\r\nHost: b.test\r\n\r\n')).status,
      404,
    );
  };
  return { origin, edge, leadTo, waiting, busy, release, settled };
}

const LEAVING: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'breaks off': (socket) => socket.destroy(),
  'closes its side': (socket) => socket.end(),
};

for (const scheme of ['https', 'http'] as const) {
  for (const [how, leave] of Object.entries(LEAVING)) {
    test(`a visitor over ${scheme} that ${how} takes its upload out of the queue`, async (t) => {
      const { origin, edge, waiting, busy, release, settled } = await heldWorld(t);
      const upload = async (begin: string) => {
        const socket = await dial(edge[scheme], scheme === 'https' ? 'www.a.test' : null);
        socket.write(`${HEAD}${begin}`);
        return socket;
      };
      const sockets = [
        await upload('Content-Length: 1000\r\n\r\n'),
        await upload('Content-Length: 1000\r\n\r\nhalf'),
        await upload('Transfer-Encoding: chunked\r\n\r\n5\r\nha'),
        await upload('Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
      ];
      await until(() => waiting() === 4);
      assert.equal((await visit(edge.https, 'www.a.test')).status, 503, 'no room for more');
      for (const piece of ['1', '2', '3']) {
        for (const socket of sockets) socket.write(piece);
        await settled();
      }
      for (const socket of sockets) leave(socket);
      await until(() => waiting() === 0);
      assert.equal(busy(), 1, 'who is served meanwhile does not notice');
      await release();
      assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
      assert.deepEqual(origin.seen, ['GET /hold', 'GET /'], 'nobody that has left was pulled for');
      const failures = edge.logged.filter(({ event }) => event === 'pull_failed').map(({ code }) => code);
      assert.deepEqual(failures, ['too_busy']);
    });
  }
}

for (const whole of ['Content-Length: 4\r\n\r\nbody', 'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n']) {
  const framing = whole.split(':', 1)[0];
  test(`a visitor over http may close its side after its whole upload, and gets its answer (${framing})`, async (t) => {
    const { edge, waiting, release, settled } = await heldWorld(t);
    const socket = await dial(edge.http, null);
    const reply = exchange(socket, HEAD);
    socket.end(whole);
    await until(() => waiting() === 1);
    await settled();
    await release();
    const { status, body } = parse(await reply);
    assert.deepEqual([status, body.includes('got body')], [200, true]);
  });
}

test('whoever has closed its side after a whole upload is not waited for long: it may have left', async (t) => {
  const { origin, edge, waiting, release } = await heldWorld(t, { visitorLimits: { headTimeout: 300 } });
  const socket = await dial(edge.http, null);
  socket.end(`${HEAD}Content-Length: 4\r\n\r\nbody`);
  await until(() => waiting() === 1);
  await until(() => waiting() === 0);
  await release();
  assert.deepEqual(origin.seen, ['GET /hold']);
});

test('of an upload that waits not much is read; the pull for a visitor that left meanwhile ends when it begins', async (t) => {
  const { origin, edge, waiting, busy, release, settled } = await heldWorld(t);
  const socket = await dial(edge.https, 'www.a.test');
  socket.on('error', () => undefined);
  socket.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
  await until(() => waiting() === 1);
  socket.write(Buffer.alloc(1_000_000, 'x'));
  await settled();
  socket.destroy();
  await release();
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  await until(() => busy() === 0);
  assert.deepEqual(origin.seen, ['GET /hold', 'GET /']);
});

test('an upload that waits while its origin is moved arrives there whole', async (t) => {
  const { origin, edge, leadTo, waiting } = await heldWorld(t);
  const other = await startHolding(t);
  const socket = await dial(edge.https, 'www.a.test');
  const reply = exchange(socket, `${HEAD}Connection: close\r\nContent-Length: 8\r\n\r\nhalf`);
  await until(() => waiting() === 1);
  socket.write('half');
  leadTo(other.port);
  assert.equal(parse(await reply).body, 'got halfhalf');
  assert.deepEqual([origin.seen, other.seen], [['GET /hold'], ['POST /upload']]);
});
