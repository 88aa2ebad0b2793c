import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountId, certificateId, hostname, instant, zoneId } from '../../domain/ids.ts';
import { type Attestee, attesteeKey, LookOrder } from './look-order.ts';

const ID = 'a'.repeat(32);
const ACCOUNT = accountId(ID) ?? assert.fail();
const ZONE = zoneId(ID) ?? assert.fail();
const CERTIFICATE = certificateId('2458ce5a-0c35-4c7f-82c7-8e9487d3ff60') ?? assert.fail();

const EVERY = { every: 100, ofOneAccount: 9 };

function attestee(name: string, account = ACCOUNT): Attestee {
  const host = hostname(`${name}.seen.test`) ?? assert.fail();
  const origin = { hostname: host, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
  return { zone: ZONE, account, origin, mayBePrivate: false, certificate: CERTIFICATE, path: '/' };
}

const [A, B, C] = [attestee('a'), attestee('b'), attestee('c')] as const;
const name = (one: Attestee | null) => one?.origin.hostname.slice(0, 1) ?? null;

test('who was never seen comes first, then who was not seen for longest, and nobody before their time', () => {
  const order = new LookOrder(EVERY);
  order.join([{ attestee: A, seen: instant(10) }]);
  order.join([{ attestee: B, seen: instant(20) }]);
  order.join([{ attestee: C, seen: null }]);
  assert.equal(name(order.take(instant(20))), 'c');
  assert.equal(order.take(instant(20)), null, 'the others were seen lately');
  order.done(C, instant(20));
  assert.equal(name(order.take(instant(110))), 'a');
  assert.equal(order.take(instant(115)), null, 'one that is looked at does not keep the next from its own time');
  assert.equal(name(order.take(instant(120))), 'b');
  order.done(A, instant(110));
  order.done(B, instant(120));
  assert.deepEqual([name(order.take(instant(120))), name(order.take(instant(209)))], ['c', null]);
  assert.equal(name(order.take(instant(210))), 'a');
});

test('who is hurried comes before all others, once, and waits for a look that is under way', () => {
  const order = new LookOrder(EVERY);
  order.join([{ attestee: A, seen: instant(1) }]);
  order.join([{ attestee: B, seen: instant(2) }]);
  order.hurry(attesteeKey(B));
  assert.equal(name(order.take(instant(3))), 'b');
  order.hurry(attesteeKey(B));
  assert.equal(order.take(instant(3)), null);
  order.done(B, instant(3));
  assert.equal(name(order.take(instant(3))), 'b');
  order.done(B, instant(3));
  assert.equal(order.take(instant(3)), null);
});

test('those who join together stand in the order in which they were seen, not in which they are named', () => {
  const order = new LookOrder(EVERY);
  order.join([
    { attestee: A, seen: instant(30) },
    { attestee: B, seen: instant(10) },
    { attestee: C, seen: instant(20) },
  ]);
  assert.deepEqual([name(order.take(instant(110))), name(order.take(instant(110)))], ['b', null]);
  assert.deepEqual([name(order.take(instant(130))), name(order.take(instant(130)))], ['c', 'a']);
});

test('who is gone is not looked at, and a look of another kind counts where it tells as much', () => {
  const order = new LookOrder(EVERY);
  order.join([{ attestee: A, seen: instant(1) }]);
  order.join([{ attestee: B, seen: instant(1) }]);
  order.drop(attesteeKey(A));
  order.seen(attesteeKey(B), instant(50));
  assert.equal(order.take(instant(149)), null);
  assert.equal(name(order.take(instant(150))), 'b');
  order.drop(attesteeKey(B));
  order.done(B, instant(150));
  assert.deepEqual([order.take(instant(1_000)), order.size], [null, 0]);
});

test('after a clock that was ahead everybody is looked at', () => {
  const order = new LookOrder(EVERY);
  order.join([{ attestee: A, seen: instant(1_000_000) }]);
  assert.equal(name(order.take(instant(5))), 'a');
});

test('orders of looks of two kinds take turns at one', () => {
  const busy = new Set<string>();
  const [quick, full] = [new LookOrder(EVERY, busy), new LookOrder(EVERY, busy)];
  for (const order of [quick, full]) order.join([{ attestee: A, seen: null }]);
  assert.deepEqual([name(full.take(instant(5))), quick.take(instant(5))], ['a', null]);
  full.done(A, instant(5));
  assert.equal(name(quick.take(instant(5))), 'a');
});

test('accounts take turns, also those that hurry, and none holds more than its share', () => {
  const order = new LookOrder({ every: 100, ofOneAccount: 2 });
  const other = accountId('b'.repeat(32)) ?? assert.fail();
  const slow = ['m', 'n', 'o', 'p'].map((one) => attestee(one));
  const quiet = attestee('q', other);
  order.join(slow.map((one) => ({ attestee: one, seen: null })));
  order.join([{ attestee: quiet, seen: instant(1) }]);
  for (const one of slow) order.hurry(attesteeKey(one));
  const taken = [
    order.take(instant(200)),
    order.take(instant(200)),
    order.take(instant(200)),
    order.take(instant(200)),
  ];
  assert.deepEqual(taken.map(name), ['m', 'q', 'n', null]);
  order.done(slow[0] ?? assert.fail(), instant(200));
  assert.deepEqual([name(order.take(instant(200))), order.take(instant(200))], ['o', null]);
});

test('what is gone while it is looked at leaves nothing behind', () => {
  const order = new LookOrder({ every: 100, ofOneAccount: 1 });
  order.join([{ attestee: A, seen: null }]);
  assert.equal(name(order.take(instant(1))), 'a');
  order.drop(attesteeKey(A));
  assert.equal(order.has(attesteeKey(A)), false);
  order.done(A, instant(2));
  order.join([{ attestee: B, seen: null }]);
  assert.equal(name(order.take(instant(3))), 'b');
});
