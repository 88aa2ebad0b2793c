import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { hostname, zoneId } from '../domain/ids.ts';
import { addressPolicy } from './address-policy.ts';
import type { OriginConnection } from './connection.ts';
import { type Door, doorKey } from './door.ts';
import type { PullFailure } from './failure.ts';
import { type Borrower, DEFAULT_POOL_LIMITS, Pool, type PoolLimits, type PoolWorld } from './pool.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

/** A real listener that never says anything, and a door to it. */
async function startDoor(t: TestContext): Promise<Door> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const names = { hostname: sure(hostname('www.a.test')), scheme: 'http' } as const;
  return { zone: sure(zoneId('0'.repeat(32))), ...names, address: '127.0.0.1', port, tls: null };
}

function poolAt(door: Door, limits: Partial<PoolLimits>, over: Partial<PoolWorld> = {}): Pool {
  return new Pool(door, doorKey(door), {
    policy: addressPolicy([]),
    context: () => null,
    limits: { ...DEFAULT_POOL_LIMITS, ...limits },
    clock: () => performance.now(),
    ...over,
  });
}

/** Borrows, and tells what came of it. */
function borrow(pool: Pool) {
  const { promise, resolve } = Promise.withResolvers<OriginConnection | PullFailure>();
  const borrower: Borrower = { lent: resolve, notLent: resolve };
  pool.borrow(borrower);
  return { borrower, outcome: promise };
}

function connection(outcome: OriginConnection | PullFailure): OriginConnection {
  assert.ok('giveBack' in outcome, 'code' in outcome ? outcome.code : '');
  return outcome;
}

test('a connection given back goes to whoever waits first', async (t) => {
  const pool = poolAt(await startDoor(t), { maxConnections: 1 });
  const first = connection(await borrow(pool).outcome);
  const second = borrow(pool);
  const third = borrow(pool);
  first.giveBack();
  assert.equal(await second.outcome, first);
  first.giveBack();
  assert.equal(await third.outcome, first);
  pool.destroy();
});

test('who waits no longer makes room, and is lent nothing', async (t) => {
  const pool = poolAt(await startDoor(t), { maxConnections: 1, maxWaiting: 1 });
  const first = connection(await borrow(pool).outcome);
  const leaving = borrow(pool);
  const full = await borrow(pool).outcome;
  assert.equal('code' in full && full.code, 'too_busy');
  pool.forget(leaving.borrower);
  const next = borrow(pool);
  first.giveBack();
  assert.equal(await next.outcome, first);
  pool.destroy();
});

test('a certificate that TLS does not load costs each borrower an answer, and the pool nothing', async (t) => {
  const plain = await startDoor(t);
  const tls = { serverName: plain.hostname, identity: null, check: { kind: 'none' }, compliance: 'none' } as const;
  const unusable = (): never => {
    throw new Error('ca key too small');
  };
  const pool = poolAt({ ...plain, tls }, { maxConnections: 1, maxWaiting: 0 }, { context: unusable });
  for (let n = 0; n < 3; n++) {
    const outcome = await borrow(pool).outcome;
    assert.equal('code' in outcome && outcome.code, 'key_unusable');
  }
  assert.equal(pool.empty, true);
});

test('a retired pool lends nothing more, and tells who waits', async (t) => {
  const pool = poolAt(await startDoor(t), { maxConnections: 1 });
  const first = connection(await borrow(pool).outcome);
  const waiting = borrow(pool);
  pool.retire();
  for (const { outcome } of [waiting, borrow(pool)]) {
    const told = await outcome;
    assert.equal('code' in told && told.code, 'pool_retired');
  }
  first.giveBack();
  assert.equal(first.open, false, 'closed instead of kept');
});

test('a busy connection of a retired pool ends by the deadline', async (t) => {
  const pool = poolAt(await startDoor(t), { drainTimeout: 20 });
  const lent = connection(await borrow(pool).outcome);
  const { promise, resolve } = Promise.withResolvers<PullFailure>();
  const nothing = (): void => undefined;
  const exchange = {
    method: 'GET',
    upgrade: null,
    interim: nothing,
    answered: nothing,
    data: nothing,
    paused: nothing,
    ended: nothing,
    drained: nothing,
    switched: nothing,
  };
  lent.send('GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n', true, { ...exchange, failed: resolve });
  pool.retire();
  assert.equal((await promise).code, 'closed_early');
});
