import type { CertificateId, ZoneId } from '../domain/ids.ts';
import type { Door } from './door.ts';
import { Intake } from './intake.ts';
import { OriginShare } from './origin-share.ts';
import { Pool, type PoolSnapshot, type PoolWorld } from './pool.ts';

/** What all pools hold at a moment, those included that are retired and have requests under way. */
export interface PoolsSnapshot extends Readonly<Record<Exclude<keyof PoolSnapshot, 'ejected'>, number>> {
  /** How many there are that are not retired. */
  readonly pools: number;
  /** How many of them are asked last, because their origin failed. */
  readonly ejected: number;
}

/** All pools of an edge, each under its full key. */
export interface Pools {
  readonly at: (door: Door, key: string) => Pool;
  /** Retires the pools of these zones (`null`: of all) that no plan leads to any more. */
  readonly review: (zones: readonly ZoneId[] | null, stillPlanned: (pool: Pool) => boolean) => void;
  /** Retires every pool that presents a certificate. */
  readonly retire: (certificate: CertificateId) => void;
  readonly close: () => void;
  readonly snapshot: () => PoolsSnapshot;
}

const SWEEP_EVERY = 1_000;
// An unused pool holds a TLS session and little else; forgotten after ten minutes.
const FORGET_AFTER = 600_000;
// Names below a wildcard are the visitor's to invent, and each has a pool: where they are many, the unused go sooner.
const MANY = 10_000;
const FORGET_SOON_AFTER = 60_000;

/** Pools that live until their identity ends or nobody uses them any more. */
export function createPools(around: Omit<PoolWorld, 'good' | 'intake'>): Pools {
  const pools = new Map<string, Pool>();
  const world: PoolWorld = { ...around, intake: new Intake(), good: (key) => pools.get(key)?.good ?? true };
  /** Retired, with requests that are still under way. */
  const ending = new Set<Pool>();
  const retire = (pool: Pool): void => {
    pools.delete(pool.key);
    pool.retire();
    if (!pool.empty) ending.add(pool);
  };
  const shares = new Map<string, OriginShare>();
  const shareOf = ({ zone, address, port }: Door): OriginShare => {
    const name = `${zone}|${port}|${address}`;
    const share = shares.get(name) ?? new OriginShare(world.limits.maxPerOrigin);
    shares.set(name, share);
    return share;
  };
  const forget = (pool: Pool): void => {
    pools.delete(pool.key);
    pool.forgotten();
  };
  const sweep = (): void => {
    const clock = world.clock();
    const wall = world.now();
    const forgetAfter = pools.size > MANY ? FORGET_SOON_AFTER : FORGET_AFTER;
    for (const pool of pools.values()) {
      const ends = pool.door.tls?.identity?.notAfter ?? Number.POSITIVE_INFINITY;
      if (wall > ends) retire(pool);
      else if (pool.empty && clock - pool.lastUsed > forgetAfter) forget(pool);
      else pool.sweep(clock);
    }
    for (const pool of ending) if (pool.empty) ending.delete(pool);
    for (const [name, share] of shares) if (share.empty) shares.delete(name);
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
      const made = new Pool(door, key, world, shareOf(door));
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
      for (const pool of [...pools.values(), ...ending]) pool.destroy();
      pools.clear();
      ending.clear();
    },
    snapshot: () => {
      const sum = { pools: pools.size, busy: 0, idle: 0, opening: 0, waiting: 0, ejected: 0 };
      for (const pool of [...pools.values(), ...ending]) {
        const { busy, idle, opening, waiting, ejected } = pool.snapshot();
        sum.busy += busy;
        sum.idle += idle;
        sum.opening += opening;
        sum.waiting += waiting;
        if (ejected) sum.ejected++;
      }
      return sum;
    },
  };
}
