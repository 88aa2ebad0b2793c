import type { Fingerprint } from '../domain/ids.ts';
import type { Fields } from '../http1/fields.ts';
import { endsWithHead } from '../http1/framing.ts';
import type { ResponseHead } from '../http1/head.ts';
import { KeptBody } from '../http1/kept-body.ts';
import type { BodyReceiver, Responder, Told } from '../http1/responder.ts';
import type { SentOn } from '../http1/sent-on.ts';
import type { Tunnel } from '../http1/splice.ts';
import { passedUpgrade } from '../http1/upgrade.ts';
import type { Borrower } from './borrower.ts';
import { type PullFailure, type PullFailureCode, pullFailure } from './failure.ts';
import type { Exchange, Lane, Reach } from './lane.ts';
import type { OriginRequest } from './origin-request.ts';
import type { Pool } from './pool.ts';
import type { PullFacts } from './pull-facts.ts';
import { isRefusalPage, REFUSAL_STATUS } from './refusal-page.ts';

/** A way to an origin: connections to it, and whatever else its requests depend on. */
export interface Way {
  readonly pool: Pool;
}

/** Counts how tries go, each by itself: what one origin refused another may have answered. */
export interface Tally<W> {
  readonly answered: (way: W) => void;
  /** The origin ended it for the certificate. */
  readonly refused: (way: W) => void;
}

/** What one pull needs: where to, as whom it speaks, and whom to tell. */
export interface PullJob<W extends Way> {
  readonly way: W;
  /** Who counts how origins take the certificate; `null` where nobody does. */
  readonly tally: Tally<W> | null;
  /** The head as it goes this way, asking for a change to that protocol where one is named. */
  request(way: W, upgrade: string | null): OriginRequest;
  /** What goes back of the fields of an answer with this status. */
  sentBack(fields: Fields, status: number): SentOn;
  /** What goes on of the trailers of the request. */
  trailers(fields: Fields): Fields;
  /** Another way after this failure, where what was sent may be sent again; `null` when there is none left. */
  next(failure: PullFailure): W | null;
  /** This came of one try, and there is another. */
  again(failure: PullFailure): void;
  /** The plan that led here has changed before anything was sent: the visitor is to be served anew. */
  moved(): void;
  /** The pull is over, once. Where no answer has come (`status` 0) and the visitor is there, it waits for a page. */
  over(facts: PullFacts): void;
  /** Monotonic milliseconds. */
  clock(): number;
}

// What ends a connection before an answer, though the origin may be well. After a time-out nobody would wait again.
const WORTH_ANOTHER_WAY: ReadonlySet<PullFailureCode> = new Set(['closed_early', 'identity_refused']);

// RFC 9110 §9.2.2: what may be sent again when nobody can tell whether it arrived.
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

// HTTP/2 has no status above (RFC 9113 §8.3.2 with RFC 9110 §15), and no origin that means well sends one.
const MAX_STATUS = 599;

/** Sends a request to an origin and its answer back, both as they come. */
export function forward<W extends Way>(visitor: Responder, job: PullJob<W>): void {
  new Pull(visitor, job).start();
}

class Pull<W extends Way> implements Exchange, Borrower, BodyReceiver, PullFacts {
  readonly method: string;
  readonly upgrade: string | null;
  failure: PullFailure | null = null;
  status = 0;
  complete = false;
  told: Told | null = null;
  connection: Lane | null = null;
  earlier = 0;
  retries = 0;
  waited = 0;
  firstByte: number | null = null;
  bytesIn = 0;
  bytesOut = 0;
  endedAt = 0;
  readonly #visitor: Responder;
  readonly #job: PullJob<W>;
  readonly #hasBody: boolean;
  #way: W;
  /** What has come of the body, while all of it may be sent once more. */
  #kept: KeptBody | null;
  /** The visitor has begun to hand over the request's body. */
  #receiving = false;
  /** A second connection of this way has been asked for. */
  #retried = false;
  /** The connection while the exchange goes on. */
  #connection: Lane | null = null;
  #over = false;
  /** Asking for a connection, which an idle one answers at once: the pool has just read the clock. */
  #asking = false;
  #askedAt: number | null = null;
  #sentAt = 0;
  /** The visitor is slower than the origin, which is therefore not read. */
  #held = false;
  /** The answer has a status with which nginx refuses certificates too: its body says whether it does. */
  #doubted = false;

  constructor(visitor: Responder, job: PullJob<W>) {
    this.#visitor = visitor;
    this.#job = job;
    this.#way = job.way;
    this.method = visitor.head.method;
    this.upgrade = passedUpgrade(visitor.head);
    this.#hasBody = !endsWithHead(visitor.head.framing);
    // An HTTP/2 connection may tell that a request was not acted on: that one may be sent again whatever its method.
    const keeps = IDEMPOTENT.has(this.method) || job.way.pool.door.tls?.http2 === true;
    this.#kept = this.#hasBody && keeps ? new KeptBody() : null;
  }

  get shown(): Fingerprint | null {
    return this.#way.pool.door.tls?.identity?.fingerprint ?? null;
  }

  start(): void {
    this.#visitor.receive(this);
    this.#borrow();
  }

  lent(connection: Lane): void {
    if (this.#over) return connection.giveBack();
    this.#connection = connection;
    this.connection = connection;
    this.#sentAt = this.#asking ? this.#way.pool.lastUsed : this.#job.clock();
    this.waited = this.#askedAt === null ? 0 : this.#sentAt - this.#askedAt;
    connection.send(this.#job.request(this.#way, this.upgrade), this);
    this.earlier = connection.earlier;
    if (this.#receiving) return this.#sendKept();
    // A body waits with its visitor until there is a connection to send it on.
    this.#receiving = this.#hasBody;
    this.#visitor.startBody();
  }

  notLent(failure: PullFailure): void {
    if (this.#over) return;
    this.#tallyFailure(failure);
    // Whoever serves the visitor anew must find the whole body there.
    if (failure.code === 'pool_retired' && !this.#receiving) {
      this.#over = true;
      return this.#job.moved();
    }
    if (!this.#takeNextWay(failure)) this.#fail(failure);
  }

  interim({ status, reason, fields }: ResponseHead): void {
    this.#kept = null;
    this.#visitor.interim({ status, reason, sent: this.#job.sentBack(fields, status) });
  }

  answered({ status, reason, fields, framing }: ResponseHead): void {
    if (status > MAX_STATUS && this.#visitor.protocol === '2') return this.#unfit(status);
    this.#kept = null;
    this.status = status;
    this.firstByte = this.#job.clock() - this.#sentAt;
    this.#tallyAnswer(status);
    this.#visitor.answer({ status, reason, sent: this.#job.sentBack(fields, status), framing });
  }

  data(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#doubted) this.#tallyPage(chunk);
    this.bytesOut += chunk.length;
    if (this.#visitor.data(chunk) || this.#held) return;
    this.#held = true;
    this.#connection?.pause();
  }

  paused(): void {
    if (this.status !== 0) this.#visitor.flush();
  }

  ended(trailers: Fields): void {
    if (this.#over) return;
    this.complete = true;
    this.#end(null);
    this.#visitor.end(trailers);
  }

  switched({ status, reason, fields }: ResponseHead, tunnel: Tunnel): void {
    if (this.#over || this.upgrade === null) return void tunnel.socket.destroy();
    this.status = status;
    this.firstByte = this.#job.clock() - this.#sentAt;
    this.#tallyAnswer(status);
    this.complete = true;
    this.#end(null);
    this.#visitor.tunnel({ status, reason, sent: this.#job.sentBack(fields, status) }, this.upgrade, tunnel);
  }

  failed(failure: PullFailure, reach: Reach): void {
    if (this.#over) return;
    this.#tallyFailure(failure);
    this.#connection = null;
    if (!this.#repeatable(reach)) return this.#fail(failure);
    // What was kept is sent first, on the connection to come.
    if (this.#receiving && this.#kept?.trailers === null) this.#visitor.pauseBody();
    // From now on the pool lends what the origin asks for.
    if (failure.code === 'http1_required') {
      this.#again(failure);
      return this.#borrow(true);
    }
    // A connection that was idle may have been closed by the origin at the very moment it was taken.
    if ((this.earlier > 0 || reach === 'unprocessed') && !this.#retried) {
      this.#retried = true;
      this.#again(failure);
      return this.#borrow(true);
    }
    if (!WORTH_ANOTHER_WAY.has(failure.code) || !this.#takeNextWay(failure)) this.#fail(failure);
  }

  drained(): void {
    this.#visitor.resumeBody();
  }

  body(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    if (this.#kept?.add(chunk) === false) this.#kept = null;
    if (this.#connection?.write(chunk) === false) this.#visitor.pauseBody();
  }

  bodyEnded(trailers: Fields): void {
    const sent = this.#job.trailers(trailers);
    this.#kept?.end(sent);
    this.#connection?.endBody(sent);
  }

  writable(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#connection?.resume();
  }

  gone(told: Told | null): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.told = told;
    this.#end(null);
    if (connection === null) this.#way.pool.forget(this);
    else connection.destroy();
  }

  #unfit(status: number): void {
    const connection = this.#connection;
    this.#end(pullFailure('bad_answer', `status ${status}, which HTTP/2 does not have`));
    connection?.destroy();
  }

  // Nothing came back; saying it twice does no harm, and all of it can be said again.
  #repeatable(reach: Reach): boolean {
    if (reach === 'begun' || (reach === 'unknown' && !IDEMPOTENT.has(this.method))) return false;
    return !this.#hasBody || this.#kept !== null;
  }

  #takeNextWay(failure: PullFailure): boolean {
    const next = this.#job.next(failure);
    if (next === null) return false;
    this.#again(failure);
    this.#way = next;
    this.#retried = false;
    this.#borrow();
    return true;
  }

  #again(failure: PullFailure): void {
    this.retries++;
    this.#job.again(failure);
  }

  #fail(failure: PullFailure): void {
    this.#end(failure);
    if (this.status !== 0) this.#visitor.abort();
  }

  #sendKept(): void {
    const kept = this.#kept;
    for (const piece of kept?.pieces ?? []) this.#connection?.write(piece);
    const trailers = kept?.trailers ?? null;
    if (trailers === null) this.#visitor.resumeBody();
    else this.#connection?.endBody(trailers);
  }

  #tallyAnswer(status: number): void {
    const { tally } = this.#job;
    if (tally === null) return;
    if (status === REFUSAL_STATUS) this.#doubted = true;
    else tally.answered(this.#way);
  }

  // nginx's page is short and comes in one piece. What shows no body (HEAD, 304) counts as an answer.
  #tallyPage(start: Buffer | null): void {
    this.#doubted = false;
    if (start !== null && isRefusalPage(start)) this.#job.tally?.refused(this.#way);
    else this.#job.tally?.answered(this.#way);
  }

  // Refused by a word (RFC 8446 §6.2). A bare close is none: an application closes so too, at a path that a visitor chose.
  // Looks at the origin, which no visitor can steer, see who refuses by closing.
  #tallyFailure({ code }: PullFailure): void {
    if (code === 'identity_refused' && this.status === 0) this.#job.tally?.refused(this.#way);
  }

  #borrow(fresh = false): void {
    const { pool } = this.#way;
    this.#asking = true;
    pool.borrow(this, fresh);
    this.#asking = false;
    // Only who did not get one at once has waited.
    if (this.#connection === null) this.#askedAt ??= pool.lastUsed;
  }

  #end(failure: PullFailure | null): void {
    const connection = this.#connection;
    if (this.#doubted) this.#tallyPage(null);
    this.#over = true;
    this.#connection = null;
    this.failure = failure;
    this.endedAt = this.#endOf(connection);
    if (this.connection === null && this.#askedAt !== null) this.waited = this.endedAt - this.#askedAt;
    this.#job.over(this);
  }

  // A connection that has just come free has read the clock for that.
  #endOf(connection: Lane | null): number {
    return connection !== null && connection.idleSince > this.#sentAt ? connection.idleSince : this.#job.clock();
  }
}
