import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WWW } from './raw-origin.ts';
import { until } from './until.ts';
import { dial } from './visit.ts';
import { host, makeZone, startTestEdge } from './world.ts';

/** Uploads that nobody reads from, because their origin does not, and visitors that leave meanwhile. */

const HEAD = 'POST / HTTP/1.1\r\nHost: www.a.test\r\n';

/** A server of TCP connections on loopback that end with the test. */
async function listen(t: TestContext, accept: (socket: Socket) => unknown): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    accept(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A way to the edge whose last part can be cut by a reset. */
async function resettable(t: TestContext, to: number) {
  const cuts: (() => void)[] = [];
  const port = await listen(t, async (visitor) => {
    const edge = await dial(to, null);
    edge.on('error', () => edge.destroy());
    visitor.pipe(edge).pipe(visitor);
    cuts.push(() => edge.resetAndDestroy());
  });
  const cut = (): void => {
    for (const reset of cuts) reset();
  };
  return { port, cut };
}

/** Sends as much as will go, until nothing moves any more. */
async function fill(socket: Socket): Promise<void> {
  const piece = Buffer.alloc(1_000_000, 'x');
  let before = -1;
  await until(() => {
    while (!socket.writableNeedDrain) socket.write(piece);
    const stuck = socket.writableNeedDrain && socket.bytesWritten - socket.writableLength === before;
    before = socket.bytesWritten - socket.writableLength;
    return stuck;
  });
}

for (const scheme of ['http', 'https'] as const) {
  test(`a visitor over ${scheme} whose connection is reset is noticed though its upload stands still`, async (t) => {
    const zone = await makeZone('a.test');
    const origin = await listen(t, (socket) => socket.pause());
    const edge = await startTestEdge(t, [zone], { pullLimits: { answerTimeout: 600_000 } });
    const rules = { ...zone.rules, alwaysUseHttps: false, ssl: 'flexible' } as const;
    edge.change(zone, rules, [host(WWW, { http: origin })]);
    const { port, cut } = await resettable(t, edge[scheme]);
    const socket = await dial(port, scheme === 'https' ? 'www.a.test' : null);
    socket.on('error', () => undefined);
    socket.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
    await fill(socket);
    const busy = () => edge.edge.snapshot().gauges['origin_connections|busy'];
    assert.equal(busy(), 1);
    cut();
    await until(() => busy() === 0);
    assert.equal(edge.edge.snapshot().counters['pulls_total|plaintext|none|visitor_gone'], 1);
    socket.destroy();
  });
}
