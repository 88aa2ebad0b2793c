import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { hostname, zoneId } from '../domain/ids.ts';
import { addressPolicy } from './address-policy.ts';
import { type Door, doorKey } from './door.ts';
import { DEFAULT_POOL_LIMITS } from './pool-limits.ts';
import { createPools } from './pools.ts';
import { createResolver } from './resolve.ts';

function sure<T>(value: T | null): T {
  assert.ok(value !== null);
  return value;
}

/** The door to one origin of a name below a wildcard. */
function doorOf(at: number): Door {
  const name = sure(hostname(`n${at}.a.test`));
  const place = { zone: sure(zoneId('0'.repeat(32))), address: '127.0.0.1', port: 1, mayBePrivate: true } as const;
  const check = { kind: 'none' } as const;
  const tls = { serverName: name, identity: null, check, compliance: 'none', http2: false } as const;
  return { ...place, hostname: name, scheme: 'https', tls };
}

for (const [count, left] of [
  [100, 100],
  [10_001, 0],
] as const) {
  test(`of ${count} pools that nobody has used for a minute ${left} stay`, async (t) => {
    let now = 0;
    const pools = createPools({
      policy: addressPolicy([]),
      resolver: createResolver(() => now),
      context: () => null,
      limits: DEFAULT_POOL_LIMITS,
      clock: () => now,
      now: () => 0,
      random: () => 0.5,
      log: () => undefined,
    });
    t.after(() => pools.close());
    for (let at = 0; at < count; at++) pools.at(doorOf(at), doorKey(doorOf(at)));
    now = 60_001;
    // Two rounds of looking after them, which come once a second.
    for (let tries = 0; tries < 25 && (tries < 12 || pools.snapshot().pools !== left); tries++) await after(200);
    assert.equal(pools.snapshot().pools, left);
  });
}
