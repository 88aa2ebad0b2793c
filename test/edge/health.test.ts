import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Hostname, hostname } from '../../src/domain/ids.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

/** Several origins of one name, some of them broken: the broken ones go last, until they answer again. */

const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];

/** A port whose connections end at once until it is mended: then they lead to `port`. Counts them. */
async function startGate(t: Test, port: number) {
  let mended = false;
  let knocks = 0;
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    knocks++;
    sockets.push(near);
    near.on('error', () => near.destroy());
    if (!mended) {
      near.destroy();
      return;
    }
    const far = near.pipe(connect(port, '127.0.0.1'));
    sockets.push(far);
    far.pipe(near);
    far.on('error', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    knocks: () => knocks,
    mend: () => {
      mended = true;
    },
  };
}

async function gateWorld(t: Test) {
  const zone = await makeZone('a.test');
  const certificate = await serverCertificate(['*.a.test']);
  const origin = await startOrigin(t, zone.authority, certificate, (_request, response) => {
    response.setHeader('connection', 'close');
    response.end('ok');
  });
  const gate = await startGate(t, origin.port);
  let ahead = 0;
  const edge = await startTestEdge(t, [zone], { clock: () => performance.now() + ahead });
  const statuses = (count: number) => repeated(count, async () => (await visit(edge.https, 'www.a.test')).status);
  const logged = (event: string) => edge.logged.filter((entry) => entry.event === event);
  const later = (milliseconds: number) => {
    ahead += milliseconds;
  };
  edge.change(zone, zone.rules, [hostWith(WWW, gate.port, origin.port)]);
  const ejected = () => edge.edge.snapshot().gauges['origins_ejected'];
  return { zone, origin, gate, edge, ejected, statuses, logged, later };
}

function hostWith(name: Hostname, ...ports: readonly number[]) {
  return { ...host(name, {}), targets: ports.flatMap((https) => host(name, { https }).targets) };
}

async function repeated<T>(count: number, job: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let n = 0; n < count; n++) results.push(await job());
  return results;
}

test('an origin that fails three times in a row is asked no more, and visitors notice nothing', async (t) => {
  const { gate, ejected, statuses, logged, zone } = await gateWorld(t);
  assert.deepEqual(new Set(await statuses(12)), new Set([200]));
  assert.equal(gate.knocks(), 3);
  const [entry, ...others] = logged('origin_ejected');
  assert.deepEqual(others, []);
  assert.deepEqual(
    [entry?.['host'], entry?.['zone'], entry?.['port'], entry?.['code'], entry?.['for_ms']],
    ['www.a.test', zone.id, gate.port, 'handshake_failed', 5_000],
  );
  assert.equal(ejected(), 1);
});

test('after a while one request tries it, and it comes back with its answer', async (t) => {
  const { gate, ejected, statuses, logged, later } = await gateWorld(t);
  await statuses(6);
  later(5_001);
  assert.deepEqual(new Set(await statuses(6)), new Set([200]));
  assert.equal(gate.knocks(), 4, 'one trial, which failed');
  assert.equal(logged('origin_ejected').at(-1)?.['for_ms'], 10_000, 'so the next one is later');
  gate.mend();
  later(10_001);
  const knocks = gate.knocks();
  assert.deepEqual(new Set(await statuses(8)), new Set([200]));
  assert.ok(gate.knocks() - knocks >= 4, 'it takes its turns again');
  assert.equal(logged('origin_back').length, 1);
  assert.equal(ejected(), 0);
});

test('the last usable origin is asked whatever it did', async (t) => {
  const { gate, edge, zone, logged, statuses } = await gateWorld(t);
  const other = await startGate(t, gate.port);
  edge.change(zone, zone.rules, [hostWith(WWW, gate.port, other.port)]);
  assert.deepEqual(new Set(await statuses(10)), new Set([525]));
  assert.equal(logged('origin_ejected').length, 1, 'one of the two');
  assert.deepEqual([gate.knocks(), other.knocks()], [10, 10], 'both are tried rather than none');
  edge.change(zone, zone.rules, [hostWith(WWW, gate.port)]);
  gate.mend();
  assert.deepEqual(await statuses(1), [200]);
});

test('the failures of one tenant do not count against another at the same address', async (t) => {
  const { zone: a, gate, origin } = await gateWorld(t);
  const b = await makeZone('b.test');
  const edge = await startTestEdge(t, [a, b]);
  edge.change(a, a.rules, [hostWith(WWW, gate.port, origin.port)]);
  const other = await startOrigin(t, b.authority, await serverCertificate(['*.b.test']));
  edge.change(b, b.rules, [hostWith(must(hostname('www.b.test')), gate.port, other.port)]);
  await repeated(8, () => visit(edge.https, 'www.a.test'));
  const ejected = edge.logged.filter(({ event }) => event === 'origin_ejected');
  assert.deepEqual(
    ejected.map(({ zone }) => zone),
    [a.id],
  );
  const knocks = gate.knocks();
  await repeated(2, () => visit(edge.https, 'www.b.test'));
  assert.equal(gate.knocks(), knocks + 1, 'of two requests of the other zone, one still goes there first');
});

test('an origin that refuses what the plan shows goes last, and nothing else is shown to it or to the others', async (t) => {
  const zone = await makeZone('a.test');
  const certificate = await serverCertificate(['*.a.test']);
  const locked = await startOrigin(t, zone.authority, certificate);
  const open = await startOrigin(t, null, certificate);
  // The edge holds the key that would let it in, but the plan is to show none.
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, [hostWith(WWW, locked.port, open.port)]);
  const statuses = await repeated(10, async () => (await visit(edge.https, 'www.a.test')).status);
  assert.deepEqual(new Set(statuses), new Set([200]));
  const refused = edge.logged.filter(({ event }) => event === 'pull_repeated').map(({ code }) => code);
  assert.deepEqual(refused, ['identity_refused', 'identity_refused', 'identity_refused'], 'not silently');
  const entry = edge.logged.find(({ event }) => event === 'origin_ejected');
  assert.deepEqual([entry?.['code'], entry?.['port']], ['identity_refused', locked.port]);
  assert.equal(locked.seen.length, 0);
  assert.deepEqual(new Set(open.seen.map(({ subject }) => subject)), new Set(['']));
});
