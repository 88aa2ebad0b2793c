import type { SecureContext, TLSSocket } from 'node:tls';
import type { ZoneId } from '../domain/ids.ts';
import type { Log } from '../wire/log.ts';
import type { AddressPolicy } from './address-policy.ts';
import { type Borrower, lend } from './borrower.ts';
import { OriginConnection } from './connection.ts';
import type { Door } from './door.ts';
import { type PullFailure, pullFailure } from './failure.ts';
import { afterAsking, afterFailure, counts, GOOD, type Health, mayLead } from './health.ts';
import { Http2Connection } from './http2-connection.ts';
import type { Intake } from './intake.ts';
import type { ConnectionWorld, Lane } from './lane.ts';
import { isHttp2, Offer } from './offer.ts';
import { type OpenOutcome, open } from './open.ts';
import type { OriginShare, Sharer } from './origin-share.ts';
import type { PoolLimits } from './pool-limits.ts';
import type { Resolver } from './resolve.ts';
import { Sessions } from './sessions.ts';
import { type Connection, Shelf } from './shelf.ts';

/** What a pool needs from the edge around it. */
export interface PoolWorld {
  readonly policy: AddressPolicy;
  readonly resolver: Resolver;
  /** Where the bytes of all connections come in. */
  readonly intake: Intake;
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
  readonly opened?: (outcome: OpenOutcome, zone: ZoneId) => void;
}

/** What a pool holds at a moment. */
export interface PoolSnapshot {
  readonly busy: number;
  readonly idle: number;
  readonly opening: number;
  readonly waiting: number;
  readonly ejected: boolean;
}

/** What connections of both protocols need. */
type WorldOfAll = Omit<ConnectionWorld<never>, 'free' | 'closed'>;

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
  readonly #shelf: Shelf;
  readonly #all = new Set<Connection>();
  readonly #waiting: Waiting[] = [];
  #opening = 0;
  readonly #offer = new Offer();
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
    this.#shelf = new Shelf(world.limits);
    this.#lastUsed = world.clock();
    share.join(this);
  }

  /** Whether nothing stands against it: for the others of its name, which may then be ejected. */
  get good(): boolean {
    return this.#health.kind === 'good';
  }

  snapshot(): PoolSnapshot {
    const { idle } = this.#shelf;
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

  /** Lends a place on a connection: an open one, a new one, or the next that comes free. `fresh` wants a new one. */
  borrow(borrower: Borrower, fresh = false): void {
    if (this.#retired) return borrower.notLent(RETIRED);
    this.#lastUsed = this.#world.clock();
    const lane = this.#shelf.take(this.#lastUsed, fresh);
    if (lane !== null) lend(borrower, lane);
    else if (this.#mayOpen() && this.#share.take()) this.#open(borrower);
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
    this.#shelf.sweep(now);
    for (const connection of this.#all) connection.tick(now);
  }

  get waitingSince(): number | null {
    return this.#mayOpen() ? (this.#waiting[0]?.since ?? null) : null;
  }

  serveNext(): void {
    const next = this.#waiting[0];
    if (next === undefined || !this.#share.take()) return;
    this.#waiting.shift();
    this.#open(next.borrower);
  }

  get idleSince(): number | null {
    return this.#shelf.longestIdle?.idleSince ?? null;
  }

  yieldIdle(): void {
    const oldest = this.#shelf.longestIdle;
    if (oldest === null) return;
    this.#shelf.drop(oldest);
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
    this.#shelf.clear();
    this.#refuseAll(RETIRED);
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

  // Those that wait while an HTTP/2 connection is opened have room on it: they need none of their own.
  #mayOpen(): boolean {
    if (this.#all.size + this.#opening >= this.#world.limits.maxConnections) return false;
    return !this.#offer.shares(this.door) || (this.#opening === 0 && !this.#shelf.unsettled);
  }

  #refuseAll(failure: PullFailure): void {
    for (const { borrower } of this.#waiting.splice(0)) borrower.notLent(failure);
  }

  /** Opens a connection, for which room in the share has been taken. */
  #open(borrower: Borrower): void {
    const { policy, resolver, intake, limits, clock } = this.#world;
    const context = this.#context();
    if (context === 'unusable') {
      this.#share.giveBack();
      return borrower.notLent(pullFailure('key_unusable', 'TLS refuses to load the certificate'));
    }
    this.#opening++;
    const offered = this.#sessions.take(this.#world.now());
    const options = { policy, resolver, intake, context, session: offered, timeout: limits.openTimeout, clock };
    open(this.#offer.at(this.door, clock()), options, (outcome) => {
      this.#opening--;
      this.#world.opened?.(outcome, this.door.zone);
      // Not resumed, or not even connected: the origin has changed its keys, or does not take this one.
      const resumed = outcome.kind === 'opened' && outcome.opening.handshake?.resumed === true;
      if (offered !== null && !resumed) this.#sessions.drop();
      if (outcome.kind === 'failed') {
        this.#share.giveBack();
        this.#failed(outcome.failure);
        borrower.notLent(outcome.failure);
        this.#lost(outcome.failure);
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
      if (this.#offer.misses(outcome.socket, clock())) {
        outcome.socket.destroy();
        return this.#open(borrower);
      }
      lend(borrower, this.#take(outcome));
      // Where HTTP/2 was hoped for, others have waited for what now is a connection for one.
      if (this.door.tls?.http2 === true && !this.#offer.shares(this.door)) this.#share.serve();
    });
  }

  /** Makes an open socket a connection of the protocol that the origin chose, and lends its first place. */
  #take({ socket, inlet, opening, sessionsEnd }: Extract<OpenOutcome, { kind: 'opened' }>): Lane {
    const { limits, clock, random } = this.#world;
    const world: WorldOfAll = {
      opening,
      answerTimeout: limits.answerTimeout,
      retireAt: clock() + limits.maxAge * (0.9 + 0.2 * random()),
      clock,
      session: (ticket) => {
        if (!this.#retired) this.#sessions.keep({ ticket, endsAt: sessionsEnd });
      },
      proved: () => this.#proved(),
      unproved: (failure) => this.#failed(failure),
    };
    if (isHttp2(socket)) return this.#takeHttp2(socket, world);
    this.#offer.chose('1.1');
    const around = {
      free: (freed: OriginConnection) => this.#free(freed),
      closed: (gone: Connection) => this.#gone(gone),
    };
    const connection = new OriginConnection({ socket, inlet }, { ...world, ...around });
    this.#all.add(connection);
    return connection;
  }

  #takeHttp2(socket: TLSSocket, world: WorldOfAll): Lane {
    this.#offer.chose('2');
    const connection = new Http2Connection(socket, {
      ...world,
      openTimeout: this.#world.limits.openTimeout,
      http1Required: () => this.#http1Required(),
      free: (roomier) => this.#freeHttp2(roomier),
      closed: (gone) => this.#gone(gone),
    });
    this.#all.add(connection);
    this.#shelf.put(connection);
    return connection.lane();
  }

  // RFC 9113 §7. It may mean some requests only, but which those are nobody says. For as long as a connection may live.
  #http1Required(): void {
    const { clock, limits, log } = this.#world;
    const now = clock();
    if (this.#offer.withdraw(now, now + limits.maxAge)) log('origin_wants_http1', this.#named());
    this.#shelf.clearHttp2();
    this.#share.serve();
  }

  /** What was opened last came to nothing: those that waited for a place on it are told, unless another is on its way. */
  #lost(failure: PullFailure): void {
    if (this.#offer.shares(this.door) && this.#opening === 0 && this.#all.size === 0) this.#refuseAll(failure);
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
    if (this.#retired || this.#shelf.isOver(connection, now)) return connection.destroy();
    const first = this.#waiting[0];
    // Where the origin has no room for more, another pool's borrower may have waited longer than any of this one.
    if (this.#share.full && this.#share.wantedBefore(first?.since ?? now)) connection.destroy();
    else if (first === undefined) this.#shelf.put(connection);
    else {
      this.#waiting.shift();
      lend(first.borrower, connection);
    }
  }

  /** An HTTP/2 connection has room: for the first that wait, unless another pool's have waited longer. */
  #freeHttp2(connection: Http2Connection): void {
    const now = this.#world.clock();
    const wanted = this.#share.full && this.#share.wantedBefore(this.#waiting[0]?.since ?? now);
    if (this.#retired || wanted || this.#shelf.isOver(connection, now)) {
      this.#shelf.drop(connection);
      return connection.leave();
    }
    while (connection.room > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      lend(next.borrower, connection.lane());
    }
    this.#share.serve();
  }

  #letGo(connection: Connection): void {
    if (this.#all.delete(connection)) this.#share.giveBack();
  }

  #gone(connection: Connection): void {
    this.#letGo(connection);
    this.#shelf.lost(connection, this.#world.clock());
    if (this.#all.size === 0 && this.#drainTimer !== null) clearTimeout(this.#drainTimer);
    if (connection.protocol === '2' && !connection.settled) this.#lost(connection.failure ?? RETIRED);
    this.#share.serve();
  }
}

const RETIRED = pullFailure('pool_retired', 'the plan for this origin has changed');
