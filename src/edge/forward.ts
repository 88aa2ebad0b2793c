import type { Socket } from 'node:net';
import { all, type Fields } from '../http1/fields.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';
import { CHUNK_END, chunkHead, fieldLine, LAST_CHUNK, lastChunk, parsedLines, requestLine } from '../http1/write.ts';
import type { Exchange, OriginConnection } from '../pull/connection.ts';
import type { PullFailure } from '../pull/failure.ts';
import type { Borrower, Pool } from '../pull/pool.ts';
import type { PullFacts } from './request-end.ts';
import type { BodyReceiver, Visitor } from './responder.ts';
import { requestTrailers, sentToOrigin, sentToVisitor } from './sent-on.ts';
import { passedUpgrade, upgradeLines } from './upgrade.ts';

/** A way to an origin: connections to it, and the Host field that it expects (`null`: the visitor's). */
export interface Way {
  readonly pool: Pool;
  readonly hostHeader: string | null;
}

/** What one pull needs: where to, as whom it speaks, and whom to tell. */
export interface PullJob {
  readonly way: Way;
  readonly loopName: string;
  /** The line that tells the origin of a certificate that was asked of the visitor; empty where none was. */
  readonly clientCert: string;
  /** Another way, where nothing has been sent on this one; `null` when there is none left. */
  next(): Way | null;
  /** The plan that led here has changed before anything was sent: the visitor is to be served anew. */
  moved(): void;
  /** The pull is over, once. Where no answer has come (`status` 0) and the visitor is there, it waits for a page. */
  over(facts: PullFacts): void;
  /** Monotonic milliseconds. */
  clock(): number;
}

// RFC 9110 §9.2.2: what may be sent again when nobody can tell whether it arrived.
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Sends a visitor's request to an origin and its answer back, both as they come. */
export function forward(visitor: Visitor, job: PullJob): void {
  new Pull(visitor, job).start();
}

class Pull implements Exchange, Borrower, BodyReceiver, PullFacts {
  readonly method: string;
  readonly upgrade: string | null;
  failure: PullFailure | null = null;
  status = 0;
  complete = false;
  connection: OriginConnection | null = null;
  earlier = 0;
  retries = 0;
  waited = 0;
  firstByte: number | null = null;
  bytesIn = 0;
  bytesOut = 0;
  endedAt = 0;
  readonly #visitor: Visitor;
  readonly #job: PullJob;
  readonly #framing: 'none' | 'sized' | 'chunked';
  #way: Way;
  /** The connection while the exchange goes on. */
  #connection: OriginConnection | null = null;
  #over = false;
  /** Asking for a connection, which an idle one answers at once: the pool has just read the clock. */
  #asking = false;
  #askedAt: number | null = null;
  #sentAt = 0;
  /** The visitor is slower than the origin, which is therefore not read. */
  #held = false;

  constructor(visitor: Visitor, job: PullJob) {
    this.#visitor = visitor;
    this.#job = job;
    this.#way = job.way;
    this.method = visitor.head.method;
    this.upgrade = passedUpgrade(visitor.head);
    this.#framing = bodyFraming(visitor.head);
  }

  start(): void {
    // With a body, the visitor waits until there is a connection to send it on.
    if (this.#framing === 'none') this.#visitor.receive(this);
    this.#borrow(this.#way.pool);
  }

  lent(connection: OriginConnection): void {
    if (this.#over) return connection.giveBack();
    this.#connection = connection;
    this.connection = connection;
    this.#sentAt = this.#asking ? this.#way.pool.lastUsed : this.#job.clock();
    this.waited = this.#askedAt === null ? 0 : this.#sentAt - this.#askedAt;
    connection.send(
      requestHead(this.#visitor, this.upgrade, this.#way.hostHeader, this.#job),
      this.#framing === 'none',
      this,
    );
    this.earlier = connection.earlier;
    if (this.#framing !== 'none') this.#visitor.receive(this);
  }

  notLent(failure: PullFailure): void {
    if (this.#over) return;
    if (failure.code === 'pool_retired') {
      this.#over = true;
      return this.#job.moved();
    }
    const next = this.#job.next();
    if (next !== null) {
      this.#way = next;
      return this.#borrow(next.pool);
    }
    this.#end(failure);
  }

  interim({ status, reason, fields }: ResponseHead): void {
    this.#visitor.interim({ status, reason, sent: sentToVisitor(fields) });
  }

  answered({ status, reason, fields, framing }: ResponseHead): void {
    this.status = status;
    this.firstByte = this.#job.clock() - this.#sentAt;
    this.#visitor.answer({ status, reason, sent: sentToVisitor(fields), framing });
  }

  data(chunk: Buffer): void {
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

  switched({ status, reason, fields }: ResponseHead, socket: Socket): void {
    if (this.#over || this.upgrade === null) return void socket.destroy();
    this.status = status;
    this.firstByte = this.#job.clock() - this.#sentAt;
    this.complete = true;
    this.#end(null);
    this.#visitor.tunnel({ status, reason, sent: sentToVisitor(fields) }, this.upgrade, socket);
  }

  failed(failure: PullFailure, begun: boolean): void {
    if (this.#over) return;
    if (!begun && this.#mayRetry()) {
      this.retries++;
      return this.#borrow(this.#way.pool, true);
    }
    this.#end(failure);
    if (this.status !== 0) this.#visitor.abort();
  }

  drained(): void {
    this.#visitor.resumeBody();
  }

  body(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    if (this.#framing === 'chunked') this.#write(chunkHead(chunk.length));
    const more = this.#write(chunk);
    const most = this.#framing === 'chunked' ? this.#write(CHUNK_END) : more;
    if (!most) this.#visitor.pauseBody();
  }

  bodyEnded(trailers: Fields): void {
    if (this.#framing === 'chunked') {
      this.#write(trailers.names.length === 0 ? LAST_CHUNK : lastChunk(requestTrailers(trailers)));
    }
    this.#connection?.requestSent();
  }

  writable(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#connection?.resume();
  }

  gone(): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.#end(null);
    if (connection === null) this.#way.pool.forget(this);
    else connection.destroy();
  }

  // A connection that was idle may have been closed by the origin at the very moment it was taken. Where nothing came
  // back, and saying it twice does no harm, it is said again on a new one.
  #mayRetry(): boolean {
    return this.earlier > 0 && this.retries === 0 && this.#framing === 'none' && IDEMPOTENT.has(this.method);
  }

  #write(piece: Buffer | string): boolean {
    return this.#connection?.write(piece) ?? true;
  }

  #borrow(pool: Pool, fresh = false): void {
    this.#asking = true;
    pool.borrow(this, fresh);
    this.#asking = false;
    // Only who did not get one at once has waited.
    if (this.#connection === null) this.#askedAt ??= pool.lastUsed;
  }

  #end(failure: PullFailure | null): void {
    const connection = this.#connection;
    this.#over = true;
    this.#connection = null;
    this.failure = failure;
    this.endedAt = this.#endOf(connection);
    if (this.connection === null && this.#askedAt !== null) this.waited = this.endedAt - this.#askedAt;
    this.#job.over(this);
  }

  // A connection that has just come free has read the clock for that.
  #endOf(connection: OriginConnection | null): number {
    return connection !== null && connection.idleSince > this.#sentAt ? connection.idleSince : this.#job.clock();
  }
}

function bodyFraming({ framing }: RequestHead): 'none' | 'sized' | 'chunked' {
  if (framing.kind === 'chunked') return 'chunked';
  return framing.kind === 'length' && framing.length > 0 ? 'sized' : 'none';
}

function requestHead(visitor: Visitor, upgrade: string | null, hostHeader: string | null, job: PullJob): string {
  const { head, id } = visitor;
  const { fields, keeps } = sentToOrigin(head.fields);
  return (
    requestLine(head.method, head.path) +
    fieldLine('Host', hostHeader ?? head.authority) +
    parsedLines(fields, keeps) +
    visitor.forwarding() +
    job.clientCert +
    `CDN-Loop: ${loopField(head, job.loopName)}\r\nCF-Ray: ${id}\r\n${framingLine(head)}` +
    `${upgrade === null ? '' : upgradeLines(upgrade)}\r\n`
  );
}

// RFC 8586 §2: what others have put there stays, else two edges that point at each other would never notice.
function loopField({ fields }: RequestHead, loopName: string): string {
  return fields.names.includes('cdn-loop') ? [...all(fields, 'cdn-loop'), loopName].join(', ') : loopName;
}

function framingLine({ framing }: RequestHead): string {
  if (framing.kind === 'length') return `Content-Length: ${framing.length}\r\n`;
  return framing.kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}
