import { connect, type Socket } from 'node:net';
import { type Hostname, zoneId } from '../../domain/ids.ts';
import { addressPolicy, type OwnListener } from '../../pull/address-policy.ts';
import { type Door, doorKey } from '../../pull/door.ts';
import type { PullFailureCode } from '../../pull/failure.ts';
import type { Pool } from '../../pull/pool.ts';
import { DEFAULT_POOL_LIMITS, type PoolLimits } from '../../pull/pool-limits.ts';
import { createPools, type PoolsSnapshot } from '../../pull/pools.ts';
import { createResolver } from '../../pull/resolve.ts';
import type { Log } from '../../wire/log.ts';
import type { ApplicationPlace } from './application.ts';

/** Connections to the applications behind a guard. */
export interface Applications {
  /** The pool of HTTP connections to an application. */
  readonly pool: (place: ApplicationPlace, name: Hostname) => Pool;
  readonly snapshot: () => PoolsSnapshot;
  readonly close: () => void;
}

interface ApplicationsWorld {
  /** Our own listeners, which are nobody's application. */
  readonly own: () => readonly OwnListener[];
  readonly limits?: Partial<PoolLimits>;
  readonly clock: () => number;
  readonly now: () => number;
  readonly log: Log;
}

// Doors belong to zones; applications belong to the guard itself.
const NO_ZONE = zoneId('0'.repeat(32));

/** Connections that are kept and used again, in the pools that edges have too. */
export function createApplications({ own, limits, clock, now, log }: ApplicationsWorld): Applications {
  const pools = createPools({
    policy: { objection: (address, port, mayBePrivate) => addressPolicy(own()).objection(address, port, mayBePrivate) },
    resolver: createResolver(clock),
    context: () => null,
    limits: { ...DEFAULT_POOL_LIMITS, maxConnections: DEFAULT_POOL_LIMITS.maxPerOrigin, ...limits },
    clock,
    now,
    random: Math.random,
    log,
  });
  const doors = new Map<ApplicationPlace, { readonly door: Door; readonly key: string }>();
  return {
    pool: (place, name) => {
      const known = doors.get(place) ?? doorTo(place, name);
      doors.set(place, known);
      return pools.at(known.door, known.key);
    },
    snapshot: pools.snapshot,
    close: pools.close,
  };
}

function doorTo(place: ApplicationPlace, hostname: Hostname): { readonly door: Door; readonly key: string } {
  if (NO_ZONE === null) throw new Error('there is no zone of zeros');
  const common = { zone: NO_ZONE, hostname, scheme: 'http', mayBePrivate: true, tls: null } as const;
  const door: Door =
    place.kind === 'socket'
      ? { ...common, address: '', port: 0, socketFile: place.path }
      : { ...common, address: place.host, port: place.port };
  return { door, key: doorKey(door) };
}

/** Why an application gave no answer, by what a gateway says of it (RFC 9110 §15.6). */
export function gatewayStatus(code: PullFailureCode): 502 | 503 | 504 {
  if (code === 'answer_timeout' || code === 'connect_timeout') return 504;
  return code === 'too_busy' || code === 'pool_retired' ? 503 : 502;
}

/** Begins a connection of its own, for bytes as they are. */
export function connectTo(place: ApplicationPlace): Socket {
  return place.kind === 'socket'
    ? connect({ path: place.path })
    : connect({ host: place.host, port: place.port, noDelay: true });
}
