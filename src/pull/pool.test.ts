import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { hostname, zoneId } from '../domain/ids.ts';
import { NO_FIELDS } from '../http1/fields.ts';
import { NO_BODY } from '../http1/framing.ts';
import { addressPolicy } from './address-policy.ts';
import type { Borrower } from './borrower.ts';
import { OriginConnection } from './connection.ts';
import { type Door, doorKey } from './door.ts';
import type { PullFailure } from './failure.ts';
import { Intake } from './intake.ts';
import type { Lane } from './lane.ts';
import type { OriginRequest } from './origin-request.ts';
import { OriginShare } from './origin-share.ts';
import { Pool, type PoolWorld } from './pool.ts';
import { DEFAULT_POOL_LIMITS, type PoolLimits } from './pool-limits.ts';
import { createResolver } from './resolve.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

const GET: OriginRequest = {
  method: 'GET',
  path: '/',
  authority: 'www.a.test',
  fields: NO_FIELDS,
  keeps: () => true,
  forwarding: { fields: [], lines: '' },
  clientCert: null,
  loop: 'test',
  ray: '0',
  framing: NO_BODY,
  upgrade: null,
};

/** A real listener that gives this answer to whatever it hears, or none, and a door to it. */
async function startDoor(t: TestContext, answer: string | null = null): Promise<Door> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => answer !== null && socket.write(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const names = { hostname: sure(hostname('www.a.test')), scheme: 'http' } as const;
  return { zone: sure(zoneId('0'.repeat(32))), ...names, address: '127.0.0.1', port, mayBePrivate: true, tls: null };
}

function poolAt(
  door: Door,
  limits: Partial<PoolLimits>,
  over: Partial<PoolWorld> = {},
  share = new OriginShare(99),
): Pool {
  const world = {
    policy: addressPolicy([]),
    resolver: createResolver(() => performance.now()),
    intake: new Intake(),
    context: () => null,
    limits: { ...DEFAULT_POOL_LIMITS, ...limits },
    clock: () => performance.now(),
    now: Date.now,
    random: () => 0.5,
    log: () => undefined,
    good: () => true,
    ...over,
  };
  return new Pool(door, doorKey(door), world, share);
}

/** Borrows, and tells what came of it. */
function borrow(pool: Pool) {
  const { promise, resolve } = Promise.withResolvers<Lane | PullFailure>();
  const borrower: Borrower = { lent: resolve, notLent: resolve };
  pool.borrow(borrower);
  return { borrower, outcome: promise };
}

function connection(outcome: Lane | PullFailure): OriginConnection {
  assert.ok(outcome instanceof OriginConnection, 'code' in outcome ? outcome.code : '');
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
  const tls = {
    serverName: plain.hostname,
    identity: null,
    check: { kind: 'none' },
    compliance: 'none',
    http2: false,
  } as const;
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
  lent.send(GET, { ...exchange, failed: resolve });
  pool.retire();
  assert.equal((await promise).code, 'closed_early');
});

/** Sends a request and reads its whole answer, so that the connection has been used. */
async function use(lent: OriginConnection): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const nothing = (): void => undefined;
  const failed = ({ code }: PullFailure) => reject(new Error(code));
  const taken = {
    interim: nothing,
    answered: nothing,
    switched: nothing,
    data: nothing,
    paused: nothing,
    drained: nothing,
  };
  lent.send(GET, {
    method: 'GET',
    upgrade: null,
    ...taken,
    ended: () => resolve(),
    failed,
  });
  await promise;
}

test('pools that lead to one origin share the room there: an idle connection gives way', async (t) => {
  const door = await startDoor(t);
  const share = new OriginShare(2);
  const one = poolAt(door, {}, {}, share);
  const other = poolAt({ ...door, hostname: sure(hostname('api.a.test')) }, {}, {}, share);
  const busy = connection(await borrow(one).outcome);
  const idle = connection(await borrow(one).outcome);
  idle.giveBack();
  const lent = connection(await borrow(other).outcome);
  assert.deepEqual([busy.open, idle.open, lent.open], [true, false, true]);
  one.destroy();
  other.destroy();
});

test('where all are busy, who has waited longest gets the next, in whichever pool it waits', async (t) => {
  const door = await startDoor(t);
  const share = new OriginShare(1);
  let now = 0;
  const pools = [1, 2, 3].map(() => poolAt(door, {}, { clock: () => now++ }, share));
  const [first, second, third] = pools;
  assert.ok(first && second && third);
  const held = connection(await borrow(first).outcome);
  const waiting = [borrow(third), borrow(first), borrow(second)];
  held.giveBack();
  assert.equal(held.open, false, 'the first in line waits in another pool');
  for (const { outcome } of waiting) connection(await outcome).destroy();
});

test('a borrower that opens nothing leaves no room taken', async (t) => {
  const plain = await startDoor(t);
  const share = new OriginShare(1);
  const closed = poolAt({ ...plain, port: 1 }, {}, {}, share);
  const tls = {
    serverName: plain.hostname,
    identity: null,
    check: { kind: 'none' },
    compliance: 'none',
    http2: false,
  } as const;
  const unusable = poolAt({ ...plain, tls }, {}, { context: () => null }, share);
  const codes: string[] = [];
  for (const pool of [closed, unusable, closed, unusable]) {
    const outcome = await borrow(pool).outcome;
    codes.push('code' in outcome ? outcome.code : 'lent');
  }
  assert.deepEqual(codes, ['connection_refused', 'key_unusable', 'connection_refused', 'key_unusable']);
  const open = poolAt(plain, {}, {}, share);
  connection(await borrow(open).outcome).destroy();
});

test('a connection that has become too old takes no more requests, in between or when it comes back', async (t) => {
  let now = 0;
  const pool = poolAt(await startDoor(t), { maxAge: 1_000, idleTimeout: 9_999 }, { clock: () => now });
  const first = connection(await borrow(pool).outcome);
  first.giveBack();
  now = 999;
  assert.equal(connection(await borrow(pool).outcome), first);
  now = 1_000;
  assert.equal(first.open, true, 'what is under way is finished');
  first.giveBack();
  assert.equal(first.open, false);
  const second = connection(await borrow(pool).outcome);
  second.giveBack();
  now = 2_000;
  assert.notEqual(connection(await borrow(pool).outcome), second);
  pool.destroy();
});

test('connections that were opened together do not all end together', async (t) => {
  const door = await startDoor(t);
  const ends = await Promise.all(
    [0, 0.5, 1].map(async (chance) => {
      const lent = connection(
        await borrow(poolAt(door, { maxAge: 1_000 }, { clock: () => 0, random: () => chance })).outcome,
      );
      lent.destroy();
      return lent.retireAt;
    }),
  );
  assert.deepEqual(ends, [900, 1_000, 1_100]);
});

test('a connection carries no more requests than it may', async (t) => {
  const pool = poolAt(await startDoor(t, 'HTTP/1.1 204 No Content\r\n\r\n'), { maxRequests: 2 });
  const first = connection(await borrow(pool).outcome);
  await use(first);
  assert.equal(connection(await borrow(pool).outcome), first);
  await use(first);
  assert.equal(first.open, false);
  pool.destroy();
});
