import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { OK, startRawOrigin, WWW } from './raw-origin.ts';
import { until } from './until.ts';
import { dial, exchange, visit } from './visit.ts';
import { host, makeZone, startTestEdge } from './world.ts';

/** Connections end with the certificate that they were opened with, by the clock, whether or not anybody asks. */

const MONTH = 31 * 86_400_000;

async function world(
  t: Parameters<typeof startTestEdge>[0],
  onRequest: Parameters<typeof startRawOrigin>[1],
  drainTimeout = 30_000,
) {
  const zone = await makeZone('a.test');
  const origin = await startRawOrigin(t, onRequest);
  let ahead = 0;
  const edge = await startTestEdge(t, [zone], { now: () => Date.now() + ahead, pullLimits: { drainTimeout } });
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  const pastItsEnd = (): void => {
    ahead = MONTH;
  };
  return { zone, origin, edge, pastItsEnd };
}

test('an idle connection closes when its certificate ends, without any request', async (t) => {
  const { origin, edge, pastItsEnd } = await world(t, (socket) => socket.write(OK));
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const [socket] = origin.sockets;
  assert.ok(socket);
  const closed = once(socket, 'close');
  pastItsEnd();
  await closed;
  await until(() => edge.edge.snapshot().gauges['pools'] === 0);
  assert.equal(origin.requests(), 1);
});

test('an answer under way then is finished if it can be by the deadline', async (t) => {
  let finish = (): void => undefined;
  const { edge, pastItsEnd } = await world(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    finish = () => socket.write('lf');
  });
  const visitor = await dial(edge.https, 'www.a.test');
  const begun = once(visitor, 'data');
  const reply = exchange(visitor, 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n');
  await begun;
  const busy = () => edge.edge.snapshot().gauges['origin_connections|busy'];
  assert.equal(busy(), 1);
  pastItsEnd();
  finish();
  assert.match(await reply, /\r\n\r\nhalf$/);
  await until(() => busy() === 0);
});

test('an answer that is not finished by the deadline is cut off', async (t) => {
  const { edge, pastItsEnd } = await world(
    t,
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha'),
    20,
  );
  const visitor = await dial(edge.https, 'www.a.test');
  const begun = once(visitor, 'data');
  const reply = exchange(visitor, 'GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  await begun;
  pastItsEnd();
  assert.match(await reply, /\r\n\r\nha$/);
  assert.equal(edge.logged.find(({ event }) => event === 'pull_failed')?.['code'], 'closed_early');
});

test('an answer that only the end of its connection would end does not pass for whole when it is cut off', async (t) => {
  const { edge, pastItsEnd } = await world(t, (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nha'), 20);
  const visitor = await dial(edge.https, 'www.a.test');
  const begun = once(visitor, 'data');
  const reply = exchange(visitor, 'GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  await begun;
  pastItsEnd();
  assert.match(await reply, /\r\n\r\n2\r\nha\r\n$/);
  assert.equal(edge.logged.find(({ event }) => event === 'pull_failed')?.['code'], 'closed_early');
});
