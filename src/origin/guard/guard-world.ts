import type { Socket } from 'node:net';
import type { Hostname, Instant } from '../../domain/ids.ts';
import type { ServerLimits } from '../../http1/server-limits.ts';
import type { Log } from '../../wire/log.ts';
import type { WatchLine } from '../watch/watch-line.ts';
import type { Applications } from './applications.ts';
import type { GuardMeters } from './meters.ts';
import type { LockedSite } from './locked-site.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Site } from './site.ts';

/** Bounds of a guard, beside those of the connections that it has let in. */
export interface GuardLimits extends ServerLimits {
  /** Callers who are let in. */
  readonly connections: number;
  /** Those who are not yet: silent, waiting for their turn, or in their handshakes. */
  readonly handshakes: number;
  /** Milliseconds from the first byte to the end of a handshake. */
  readonly handshakeTimeout: number;
  /** How long who is let in no longer may take to finish what is under way. */
  readonly retireTimeout: number;
}

/** What the connections of a guard need from it. */
export interface GuardWorld {
  readonly siteFor: (name: Hostname) => LockedSite | null;
  readonly applications: Applications;
  readonly meters: GuardMeters;
  readonly refusals: RefusalLog;
  /** Who wants to know who comes to sites that watch; `null` for nobody. */
  readonly came: ((site: Site, line: WatchLine) => void) | null;
  readonly log: Log;
  /** The wall clock: certificates end by it. */
  readonly now: () => Instant;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly limits: GuardLimits;
}

/** A connection that was let in. */
export interface GuardedConnection {
  /** Called about once a second: ends what takes too long. */
  tick(now: number): void;
  /** Lets what is under way finish and takes nothing new. */
  drain(): void;
  destroy(): void;
}

/** A TLS connection and the TCP connection below it. */
export interface Carried<Over extends Socket> {
  readonly socket: Over;
  readonly carrier: Socket;
}
