import type { CertificateId, ZoneId } from '../domain/ids.ts';
import type { Door } from './door.ts';
import { Pool, type PoolSnapshot, type PoolWorld } from './pool.ts';

/** All pools of an edge, each under its full key. */
export interface Pools {
  readonly at: (door: Door, key: string) => Pool;
  /** Retires the pools of these zones (`null`: of all) that no plan leads to any more. */
  readonly review: (zones: readonly ZoneId[] | null, stillPlanned: (pool: Pool) => boolean) => void;
  /** Retires every pool that presents a certificate. */
  readonly retire: (certificate: CertificateId) => void;
  readonly close: () => void;
  readonly connections: () => number;
  readonly snapshot: () => PoolSnapshot & { readonly pools: number };
}

const SWEEP_EVERY = 1_000;
// An unused pool holds a TLS session and little else; forgotten after ten minutes.
const FORGET_AFTER = 600_000;

/** Pools that live until their identity ends or nobody uses them any more. `now` is the wall clock. */
export function createPools(world: PoolWorld, now: () => number): Pools {
  const pools = new Map<string, Pool>();
  const retire = (pool: Pool): void => {
    pools.delete(pool.key);
    pool.retire();
  };
  const sweep = (): void => {
    const clock = world.clock();
    const wall = now();
    for (const pool of pools.values()) {
      const ends = pool.door.tls?.identity?.notAfter ?? Number.POSITIVE_INFINITY;
      if (wall > ends) retire(pool);
      else if (pool.empty && clock - pool.lastUsed > FORGET_AFTER) pools.delete(pool.key);
      else pool.sweep(clock);
    }
  };
  const timer = setInterval(sweep, SWEEP_EVERY);
  timer.unref();

  return {
    at: (door, key) => {
      const known = pools.get(key);
      if (known !== undefined) {
        known.door = door;
        return known;
      }
      const made = new Pool(door, key, world);
      pools.set(key, made);
      return made;
    },
    review: (zones, stillPlanned) => {
      for (const pool of pools.values()) {
        if ((zones === null || zones.includes(pool.door.zone)) && !stillPlanned(pool)) retire(pool);
      }
    },
    retire: (certificate) => {
      for (const pool of pools.values()) if (pool.door.tls?.identity?.certificate === certificate) retire(pool);
    },
    close: () => {
      clearInterval(timer);
      for (const pool of pools.values()) pool.destroy();
      pools.clear();
    },
    connections: () => [...pools.values()].reduce((sum, pool) => sum + pool.size, 0),
    snapshot: () => {
      const sum = { pools: pools.size, busy: 0, idle: 0, opening: 0, waiting: 0 };
      for (const pool of pools.values()) {
        const { busy, idle, opening, waiting } = pool.snapshot();
        sum.busy += busy;
        sum.idle += idle;
        sum.opening += opening;
        sum.waiting += waiting;
      }
      return sum;
    },
  };
}
