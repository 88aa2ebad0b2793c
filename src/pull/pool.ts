import type { SecureContext } from 'node:tls';
import type { AddressPolicy } from './address-policy.ts';
import { OriginConnection } from './connection.ts';
import type { Door } from './door.ts';
import { edgeFault, type PullFailure, pullFailure } from './failure.ts';
import { type OpenOutcome, open } from './open.ts';

/** Bounds of one pool. Times in milliseconds. */
export interface PoolLimits {
  readonly maxConnections: number;
  readonly maxWaiting: number;
  /** How long a request may wait for a connection. */
  readonly waitTimeout: number;
  readonly openTimeout: number;
  readonly answerTimeout: number;
  readonly idleTimeout: number;
  /** How long a request that is under way when its identity ends may still take. */
  readonly drainTimeout: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = {
  maxConnections: 256,
  maxWaiting: 1_024,
  waitTimeout: 10_000,
  openTimeout: 10_000,
  answerTimeout: 120_000,
  idleTimeout: 55_000,
  drainTimeout: 30_000,
};

/** Who asks for a connection: told once, at once where one is idle. */
export interface Borrower {
  lent(connection: OriginConnection): void;
  notLent(failure: PullFailure): void;
}

/** What a pool needs from the edge around it. */
export interface PoolWorld {
  readonly policy: AddressPolicy;
  /** The TLS context of a door; `null` where the edge does not hold the key. */
  readonly context: (door: Door) => SecureContext | null;
  readonly limits: PoolLimits;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Told of every attempt to open a connection. */
  readonly opened?: (outcome: OpenOutcome) => void;
}

/** What pools hold at a moment. */
export interface PoolSnapshot {
  readonly busy: number;
  readonly idle: number;
  readonly opening: number;
  readonly waiting: number;
}

interface Waiting {
  readonly borrower: Borrower;
  readonly since: number;
}

/**
 * The connections through one door. They, and the TLS session that new ones resume, belong to exactly one `doorKey`:
 * nothing in here is ever lent to a pull of another zone, name or identity.
 */
export class Pool {
  /** The door as it was last asked for. */
  door: Door;
  readonly key: string;
  readonly #world: PoolWorld;
  readonly #idle: OriginConnection[] = [];
  readonly #all = new Set<OriginConnection>();
  readonly #waiting: Waiting[] = [];
  #opening = 0;
  #session: Buffer | null = null;
  #retired = false;
  #lastUsed: number;
  #drainTimer: NodeJS.Timeout | null = null;

  constructor(door: Door, key: string, world: PoolWorld) {
    this.door = door;
    this.key = key;
    this.#world = world;
    this.#lastUsed = world.clock();
  }

  get size(): number {
    return this.#all.size;
  }

  snapshot(): PoolSnapshot {
    const idle = this.#idle.length;
    return { busy: this.#all.size - idle, idle, opening: this.#opening, waiting: this.#waiting.length };
  }

  /** No connection and nobody waiting: the pool may be forgotten once it has not been used for a while. */
  get empty(): boolean {
    return this.#all.size === 0 && this.#opening === 0 && this.#waiting.length === 0;
  }

  get lastUsed(): number {
    return this.#lastUsed;
  }

  /** Lends a connection: an idle one, a new one, or the next that comes free. `fresh` wants one never used before. */
  borrow(borrower: Borrower, fresh = false): void {
    if (this.#retired) return borrower.notLent(RETIRED);
    this.#lastUsed = this.#world.clock();
    const idle = fresh ? undefined : this.#takeIdle(this.#lastUsed);
    if (idle !== undefined) lend(borrower, idle);
    else if (this.#all.size + this.#opening < this.#world.limits.maxConnections) this.#open(borrower);
    else if (this.#waiting.length < this.#world.limits.maxWaiting) {
      this.#waiting.push({ borrower, since: this.#lastUsed });
    } else borrower.notLent(pullFailure('too_busy', `${this.#waiting.length} waiting`));
  }

  /** A borrower that waits no longer: nothing is opened or kept for it. */
  forget(borrower: Borrower): void {
    const at = this.#waiting.findIndex((waiting) => waiting.borrower === borrower);
    if (at !== -1) this.#waiting.splice(at, 1);
  }

  /** Closes connections that have been idle for too long, and lets go whoever has waited for too long. */
  sweep(now: number): void {
    const { waitTimeout } = this.#world.limits;
    for (
      let first = this.#waiting[0];
      first !== undefined && now - first.since > waitTimeout;
      first = this.#waiting[0]
    ) {
      this.#waiting.shift();
      first.borrower.notLent(pullFailure('too_busy', `waited ${waitTimeout} ms for a connection`));
    }
    for (let at = this.#idle.length - 1; at >= 0; at--) {
      const connection = this.#idle[at];
      if (connection === undefined || now - connection.idleSince < this.#idleLimit(connection)) continue;
      this.#idle.splice(at, 1);
      connection.destroy();
    }
  }

  /** The identity behind this pool has ended: idle connections close now, busy ones by the deadline. */
  retire(): void {
    this.#retired = true;
    this.#session = null;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    for (const { borrower } of this.#waiting.splice(0)) borrower.notLent(RETIRED);
    if (this.#all.size === 0 || this.#drainTimer !== null) return;
    this.#drainTimer = setTimeout(() => this.destroy(), this.#world.limits.drainTimeout);
    this.#drainTimer.unref();
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#retired = true;
    for (const connection of this.#all) connection.destroy();
  }

  // The most recently used first: the others then reach their idle limit and go.
  #takeIdle(now: number): OriginConnection | undefined {
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (now - found.idleSince < this.#idleLimit(found)) return found;
      found.destroy();
    }
    return undefined;
  }

  #idleLimit(connection: OriginConnection): number {
    return Math.min(this.#world.limits.idleTimeout, connection.idleLimit);
  }

  #open(borrower: Borrower): void {
    const { policy, limits, clock } = this.#world;
    const context = this.#context();
    if (context === 'unusable')
      return borrower.notLent(pullFailure('key_unusable', 'TLS refuses to load the certificate'));
    this.#opening++;
    const options = { policy, context, session: this.#session, timeout: limits.openTimeout, clock };
    open(this.door, options, (outcome) => {
      this.#opening--;
      this.#world.opened?.(outcome);
      if (outcome.kind === 'failed') {
        borrower.notLent(outcome.failure);
        this.#serveWaiting();
        return;
      }
      if (this.#retired) {
        outcome.socket.destroy();
        borrower.notLent(RETIRED);
        return;
      }
      const connection = new OriginConnection(outcome.socket, {
        opening: outcome.opening,
        answerTimeout: limits.answerTimeout,
        clock,
        session: (ticket) => {
          if (!this.#retired) this.#session = ticket;
        },
        free: (freed) => this.#free(freed),
        closed: (gone) => this.#gone(gone),
      });
      this.#all.add(connection);
      lend(borrower, connection);
    });
  }

  // OpenSSL judges a chain only when it loads it: a weak issuer, for one, is refused here.
  #context(): SecureContext | null | 'unusable' {
    if (this.door.tls === null) return null;
    try {
      return this.#world.context(this.door);
    } catch {
      return 'unusable';
    }
  }

  #free(connection: OriginConnection): void {
    if (this.#retired) {
      connection.destroy();
      return;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) lend(next.borrower, connection);
    else this.#idle.push(connection);
  }

  #gone(connection: OriginConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#all.size === 0 && this.#drainTimer !== null) clearTimeout(this.#drainTimer);
    this.#serveWaiting();
  }

  #serveWaiting(): void {
    if (this.#all.size + this.#opening >= this.#world.limits.maxConnections) return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#open(next.borrower);
  }
}

const RETIRED = pullFailure('pool_retired', 'the plan for this origin has changed');

// Whoever cannot use what it is lent must not take the others down.
function lend(borrower: Borrower, connection: OriginConnection): void {
  try {
    borrower.lent(connection);
  } catch (error) {
    connection.destroy();
    borrower.notLent(edgeFault(error));
  }
}
