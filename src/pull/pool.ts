import type { SecureContext } from 'node:tls';
import type { Log } from '../wire/log.ts';
import type { AddressPolicy } from './address-policy.ts';
import { OriginConnection } from './connection.ts';
import type { Door } from './door.ts';
import { edgeFault, type PullFailure, pullFailure } from './failure.ts';
import { afterAsking, afterFailure, counts, GOOD, type Health, mayLead } from './health.ts';
import { type OpenOutcome, open } from './open.ts';
import type { OriginShare, Sharer } from './origin-share.ts';
import type { Resolver } from './resolve.ts';
import { Sessions } from './sessions.ts';

/** Bounds of one pool. Times in milliseconds. */
export interface PoolLimits {
  readonly maxConnections: number;
  /** How many connections all pools of a zone together may have to one address and port. */
  readonly maxPerOrigin: number;
  readonly maxWaiting: number;
  /** How long a request may wait for a connection. */
  readonly waitTimeout: number;
  readonly openTimeout: number;
  readonly answerTimeout: number;
  readonly idleTimeout: number;
  /** How old a connection may be when it takes a request, give or take a tenth: they must not all end at once. */
  readonly maxAge: number;
  /** How many requests one connection may carry. */
  readonly maxRequests: number;
  /** How long a request that is under way when its identity ends may still take. */
  readonly drainTimeout: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = {
  maxConnections: 256,
  maxPerOrigin: 512,
  maxWaiting: 1_024,
  waitTimeout: 10_000,
  openTimeout: 10_000,
  answerTimeout: 120_000,
  idleTimeout: 55_000,
  maxAge: 3_600_000,
  maxRequests: Number.POSITIVE_INFINITY,
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
  readonly resolver: Resolver;
  /** The TLS context of a door; `null` where the edge does not hold the key. */
  readonly context: (door: Door) => SecureContext | null;
  readonly limits: PoolLimits;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Whether nothing stands against the door with this key. */
  readonly good: (key: string) => boolean;
  /** Told of every attempt to open a connection. */
  readonly opened?: (outcome: OpenOutcome) => void;
}

/** What a pool holds at a moment. */
export interface PoolSnapshot {
  readonly busy: number;
  readonly idle: number;
  readonly opening: number;
  readonly waiting: number;
  readonly ejected: boolean;
}

interface Waiting {
  readonly borrower: Borrower;
  readonly since: number;
}

/**
 * The connections through one door. They, and the TLS session that new ones resume, belong to exactly one `doorKey`:
 * nothing in here is ever lent to a pull of another zone, name or identity.
 */
export class Pool implements Sharer {
  /** The door as it was last asked for. */
  door: Door;
  /** The doors of the name that it was last asked for, where it has several. */
  doors: readonly { readonly key: string }[] = [];
  readonly key: string;
  readonly #world: PoolWorld;
  readonly #share: OriginShare;
  readonly #idle: OriginConnection[] = [];
  readonly #all = new Set<OriginConnection>();
  readonly #waiting: Waiting[] = [];
  #opening = 0;
  readonly #sessions = new Sessions();
  #health: Health = GOOD;
  #retired = false;
  #lastUsed: number;
  #drainTimer: NodeJS.Timeout | null = null;

  constructor(door: Door, key: string, world: PoolWorld, share: OriginShare) {
    this.door = door;
    this.key = key;
    this.#world = world;
    this.#share = share;
    this.#lastUsed = world.clock();
    share.join(this);
  }

  /** Whether nothing stands against it: for the others of its name, which may then be ejected. */
  get good(): boolean {
    return this.#health.kind === 'good';
  }

  snapshot(): PoolSnapshot {
    const idle = this.#idle.length;
    const busy = this.#all.size - idle;
    return { busy, idle, opening: this.#opening, waiting: this.#waiting.length, ejected: !this.good };
  }

  /** No connection and nobody waiting: the pool may be forgotten once it has not been used for a while. */
  get empty(): boolean {
    return this.#all.size === 0 && this.#opening === 0 && this.#waiting.length === 0;
  }

  get lastUsed(): number {
    return this.#lastUsed;
  }

  /** Whether a request may come here before it goes to other doors. For an ejected one that is a trial, by one request. */
  leads(): boolean {
    if (this.#health.kind === 'good') return true;
    const now = this.#world.clock();
    if (!mayLead(this.#health, now)) return false;
    this.#health = afterAsking(this.#health, now);
    return true;
  }

  /** Lends a connection: an idle one, a new one, or the next that comes free. `fresh` wants one never used before. */
  borrow(borrower: Borrower, fresh = false): void {
    if (this.#retired) return borrower.notLent(RETIRED);
    this.#lastUsed = this.#world.clock();
    const idle = fresh ? undefined : this.#takeIdle(this.#lastUsed);
    if (idle !== undefined) lend(borrower, idle);
    else if (this.#hasRoom() && this.#share.take()) this.#open(borrower);
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
      if (connection === undefined || !this.#isOver(connection, now)) continue;
      this.#idle.splice(at, 1);
      connection.destroy();
    }
  }

  get waitingSince(): number | null {
    return this.#hasRoom() ? (this.#waiting[0]?.since ?? null) : null;
  }

  serveNext(): void {
    const next = this.#waiting[0];
    if (next === undefined || !this.#share.take()) return;
    this.#waiting.shift();
    this.#open(next.borrower);
  }

  get idleSince(): number | null {
    return this.#idle[0]?.idleSince ?? null;
  }

  yieldIdle(): void {
    const oldest = this.#idle.shift();
    if (oldest === undefined) return;
    this.#letGo(oldest);
    oldest.destroy();
  }

  /** Nobody asks for it any more, and nothing is open. */
  forgotten(): void {
    this.#share.leave(this);
  }

  /** The identity behind this pool has ended: idle connections close now, busy ones by the deadline. */
  retire(): void {
    this.#retired = true;
    this.#share.leave(this);
    this.#sessions.drop();
    for (const connection of this.#idle.splice(0)) connection.destroy();
    for (const { borrower } of this.#waiting.splice(0)) borrower.notLent(RETIRED);
    if (this.#all.size === 0 || this.#drainTimer !== null) return;
    this.#drainTimer = setTimeout(() => this.destroy(), this.#world.limits.drainTimeout);
    this.#drainTimer.unref();
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#retired = true;
    this.#share.leave(this);
    for (const connection of this.#all) connection.destroy();
  }

  // The most recently used first: the others then reach their idle limit and go.
  #takeIdle(now: number): OriginConnection | undefined {
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (!this.#isOver(found, now)) return found;
      found.destroy();
    }
    return undefined;
  }

  /** Whether an idle connection takes no request any more. */
  #isOver(connection: OriginConnection, now: number): boolean {
    const idleLimit = Math.min(this.#world.limits.idleTimeout, connection.idleLimit);
    return now - connection.idleSince >= idleLimit || now >= connection.retireAt;
  }

  #hasRoom(): boolean {
    return this.#all.size + this.#opening < this.#world.limits.maxConnections;
  }

  /** Opens a connection, for which room in the share has been taken. */
  #open(borrower: Borrower): void {
    const { policy, resolver, limits, clock } = this.#world;
    const context = this.#context();
    if (context === 'unusable') {
      this.#share.giveBack();
      return borrower.notLent(pullFailure('key_unusable', 'TLS refuses to load the certificate'));
    }
    this.#opening++;
    const offered = this.#sessions.take(this.#world.now());
    const options = { policy, resolver, context, session: offered, timeout: limits.openTimeout, clock };
    open(this.door, options, (outcome) => {
      this.#opening--;
      this.#world.opened?.(outcome);
      // Not resumed, or not even connected: the origin has changed its keys, or does not take this one.
      const resumed = outcome.kind === 'opened' && outcome.opening.handshake?.resumed === true;
      if (offered !== null && !resumed) this.#sessions.drop();
      if (outcome.kind === 'failed') {
        this.#share.giveBack();
        this.#failed(outcome.failure);
        borrower.notLent(outcome.failure);
        this.#share.serve();
        return;
      }
      if (this.#retired) {
        this.#share.giveBack();
        outcome.socket.destroy();
        borrower.notLent(RETIRED);
        this.#share.serve();
        return;
      }
      const connection = new OriginConnection(outcome.socket, {
        opening: outcome.opening,
        answerTimeout: limits.answerTimeout,
        retireAt: clock() + limits.maxAge * (0.9 + 0.2 * this.#world.random()),
        clock,
        session: (ticket) => {
          if (!this.#retired) this.#sessions.keep({ ticket, endsAt: outcome.sessionsEnd });
        },
        proved: () => this.#proved(),
        unproved: (failure) => this.#failed(failure),
        free: (freed) => this.#free(freed),
        closed: (gone) => this.#gone(gone),
      });
      this.#all.add(connection);
      lend(borrower, connection);
    });
  }

  #proved(): void {
    if (this.#health === GOOD) return;
    if (!this.good) this.#world.log('origin_back', this.#named());
    this.#health = GOOD;
  }

  #failed({ code }: PullFailure): void {
    // What an origin refuses in a handshake it would refuse again in a resumed one.
    if (code === 'identity_refused') this.#sessions.drop();
    if (!counts(code)) return;
    const now = this.#world.clock();
    const before = this.#health;
    this.#health = afterFailure(before, now, () => !this.#othersGood());
    if (this.#health.kind !== 'ejected' || before === this.#health) return;
    this.#world.log('origin_ejected', { ...this.#named(), code, for_ms: Math.round(this.#health.until - now) });
  }

  #othersGood(): boolean {
    return this.doors.some(({ key }) => key !== this.key && this.#world.good(key));
  }

  #named() {
    const { zone, hostname, address, port } = this.door;
    return { zone, host: hostname, address, port };
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
    const { idleSince: now } = connection;
    if (this.#retired || now >= connection.retireAt || connection.requests >= this.#world.limits.maxRequests) {
      connection.destroy();
      return;
    }
    const first = this.#waiting[0];
    // Where the origin has no room for more, another pool's borrower may have waited longer than any of this one.
    if (this.#share.full && this.#share.wantedBefore(first?.since ?? now)) connection.destroy();
    else if (first === undefined) this.#idle.push(connection);
    else {
      this.#waiting.shift();
      lend(first.borrower, connection);
    }
  }

  #letGo(connection: OriginConnection): void {
    if (this.#all.delete(connection)) this.#share.giveBack();
  }

  #gone(connection: OriginConnection): void {
    this.#letGo(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#all.size === 0 && this.#drainTimer !== null) clearTimeout(this.#drainTimer);
    this.#share.serve();
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
