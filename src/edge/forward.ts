import type { Fields } from '../http1/fields.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';
import { hopByHop } from '../http1/hop-by-hop.ts';
import { CHUNK_END, chunkHead, fieldLine, LAST_CHUNK, lastChunk, requestLine } from '../http1/write.ts';
import type { Exchange, OriginConnection } from '../pull/connection.ts';
import type { PullFailure } from '../pull/failure.ts';
import type { Pool } from '../pull/pool.ts';
import { forwardingLines, isIdentityField } from './forwarding-fields.ts';
import type { Visitor } from './responder.ts';

/** A finished pull, for the log and the counters. */
export interface Pulled {
  readonly status: number | null;
  readonly failure: PullFailure | null;
  readonly reused: boolean;
  readonly resumed: boolean;
}

/** A way to an origin: connections to it, and the Host field that it expects (`null`: the visitor's). */
export interface Way {
  readonly pool: Pool;
  readonly hostHeader: string | null;
}

/** What one pull needs: where to, as whom it speaks, and whom to tell. */
export interface PullJob {
  readonly way: Way;
  readonly loopName: string;
  /** Another way, where nothing has been sent on this one; `null` when there is none left. */
  readonly next: () => Way | null;
  readonly failed: (failure: PullFailure) => void;
  readonly done: (pulled: Pulled) => void;
}

// RFC 9110 §9.2.2: what may be sent again when nobody can tell whether it arrived.
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Fields that the edge writes itself, or that stay on this hop whatever Connection says. */
const OWN_FIELDS = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

/** Sends a visitor's request to an origin and its answer back, both as they come. */
export function forward(visitor: Visitor, job: PullJob): void {
  new Pull(visitor, job).start();
}

class Pull implements Exchange {
  readonly method: string;
  readonly #visitor: Visitor;
  readonly #job: PullJob;
  readonly #bodyless: boolean;
  #way: Way;
  #connection: OriginConnection | null = null;
  #status: number | null = null;
  #reused = false;
  #retried = false;
  #over = false;
  #bodySent = false;
  #paused = false;

  constructor(visitor: Visitor, job: PullJob) {
    this.#visitor = visitor;
    this.#job = job;
    this.#way = job.way;
    this.method = visitor.head.method;
    const { framing } = visitor.head;
    this.#bodyless = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
  }

  start(): void {
    // Only now is there somebody to be told that the visitor has gone.
    if (this.#bodyless) this.#listen();
    this.#borrow(false);
  }

  readonly interim = (head: ResponseHead): void => {
    this.#visitor.interim(head.status, head.reason, responseLines(head));
  };

  readonly answered = (head: ResponseHead): void => {
    this.#status = head.status;
    this.#visitor.answer({
      status: head.status,
      reason: head.reason,
      lines: responseLines(head),
      framing: head.framing,
    });
  };

  readonly data = (chunk: Buffer): void => {
    if (this.#visitor.data(chunk) || this.#paused) return;
    this.#paused = true;
    this.#connection?.pause();
  };

  readonly paused = (): void => {
    if (this.#status !== null) this.#visitor.flush();
  };

  readonly ended = (trailers: Fields): void => {
    if (this.#over) return;
    this.#close(null);
    this.#visitor.end(trailers);
  };

  readonly failed = (failure: PullFailure, begun: boolean): void => {
    if (this.#over) return;
    if (!begun && this.#mayRetry()) {
      this.#retried = true;
      return this.#borrow(true);
    }
    this.#close(failure);
    if (this.#status === null) this.#job.failed(failure);
    else this.#visitor.abort();
  };

  readonly drained = (): void => {
    this.#visitor.resumeBody();
  };

  // A connection that was idle may have been closed by the origin at the very moment it was taken. Where nothing came
  // back, and saying it twice does no harm, it is said again on a new one.
  #mayRetry(): boolean {
    return this.#reused && !this.#retried && this.#bodyless && IDEMPOTENT.has(this.method);
  }

  #borrow(fresh: boolean): void {
    this.#way.pool.borrow(
      { lent: (connection) => this.#lent(connection), failed: (failure) => this.#notOpened(failure) },
      fresh,
    );
  }

  #notOpened(failure: PullFailure): void {
    if (this.#over) return;
    const next = this.#job.next();
    if (next !== null) {
      this.#way = next;
      return this.#borrow(false);
    }
    this.#close(failure);
    this.#job.failed(failure);
  }

  #lent(connection: OriginConnection): void {
    if (this.#over) return connection.giveBack();
    this.#connection = connection;
    connection.send(requestHead(this.#visitor, this.#way.hostHeader, this.#job.loopName), this.#bodyless, this);
    this.#reused = connection.earlier > 0;
    if (!this.#bodyless) this.#listen();
  }

  #listen(): void {
    const chunked = this.#visitor.head.framing.kind === 'chunked';
    this.#visitor.receive({
      data: (chunk) => this.#send(chunked ? [chunkHead(chunk.length), chunk, CHUNK_END] : [chunk]),
      end: (trailers) => {
        this.#bodySent = true;
        if (chunked) this.#send([trailers.names.length === 0 ? LAST_CHUNK : lastChunk(withoutIdentity(trailers))]);
        this.#connection?.requestSent();
      },
      gone: () => this.#gone(),
      drained: () => this.#resume(),
    });
  }

  #send(pieces: readonly (Buffer | string)[]): void {
    let more = true;
    for (const piece of pieces) more = this.#connection?.write(piece) ?? true;
    if (!more && !this.#bodySent) this.#visitor.pauseBody();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#connection?.resume();
  }

  #gone(): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.#close(null);
    connection?.destroy();
  }

  #close(failure: PullFailure | null): void {
    this.#over = true;
    const resumed = this.#connection?.resumed ?? false;
    this.#connection = null;
    this.#job.done({ status: this.#status, failure, reused: this.#reused, resumed });
  }
}

function withoutIdentity(trailers: Fields): Fields {
  if (!trailers.names.some(isIdentityField)) return trailers;
  const kept = trailers.names.map((name) => !isIdentityField(name));
  const pick = (values: readonly string[]) => values.filter((_, index) => kept[index]);
  return { names: pick(trailers.names), rawNames: pick(trailers.rawNames), values: pick(trailers.values) };
}

function requestHead(visitor: Visitor, hostHeader: string | null, loopName: string): string {
  const { head, address, scheme, id } = visitor;
  const drop = hopByHop(head.fields);
  const { names, rawNames, values } = head.fields;
  let lines = requestLine(head.method, head.path) + fieldLine('Host', hostHeader ?? head.authority);
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? '';
    if (drop.has(name) || OWN_FIELDS.has(name) || isIdentityField(name)) continue;
    lines += fieldLine(rawNames[at] ?? '', values[at] ?? '');
  }
  return `${lines}${forwardingLines({ address, scheme, host: head.authority, ray: id }, loopName)}${framingLine(head)}\r\n`;
}

function framingLine({ framing }: RequestHead): string {
  if (framing.kind === 'length') return `Content-Length: ${framing.length}\r\n`;
  return framing.kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}

// Fields that speak to the edge, not to the visitor: nginx and others would act on them.
const FOR_THE_EDGE = /^x-accel-/;

function responseLines({ fields }: ResponseHead): string {
  const drop = hopByHop(fields);
  const { names, rawNames, values } = fields;
  let lines = '';
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? '';
    if (drop.has(name) || name === 'trailer' || FOR_THE_EDGE.test(name)) continue;
    lines += fieldLine(rawNames[at] ?? '', values[at] ?? '');
  }
  return lines;
}
