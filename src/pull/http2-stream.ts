import { type ClientHttp2Session, type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2';
import { type Fields, NO_FIELDS } from '../http1/fields.ts';
import { endsWithHead } from '../http1/framing.ts';
import { DEFAULT_LIMITS } from '../http1/limits.ts';
import { FRAME_BYTES, listBytes } from '../http2/frames.ts';
import { parseTrailerList } from '../http2/request-head.ts';
import { resetStream } from '../http2/reset-stream.ts';
import { parseResponseList } from '../http2/response-head.ts';
import { edgeFault, type PullFailure, type PullFailureCode, pullFailure } from './failure.ts';
import { type Exchange, type Lane, MAX_INTERIM, type Reach } from './lane.ts';
import type { Opening } from './open.ts';
import { type OriginRequest, requestList } from './origin-request.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FLOW_CONTROL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

const END_STREAM = 0x1;

// By these an origin says that it did not act on a request (RFC 9113 §8.7), or not over HTTP/2 (§7).
const UNPROCESSED: ReadonlySet<number> = new Set([NGHTTP2_REFUSED_STREAM, NGHTTP2_HTTP_1_1_REQUIRED]);

/** What a stream needs from its connection. Times in milliseconds. */
export interface StreamWorld {
  readonly address: string;
  readonly opening: Opening;
  readonly answerTimeout: number;
  readonly clock: () => number;
  /** How many requests the connection has been given, this one among them. */
  readonly count: () => number;
  /** So many bytes of frames that carried fields or a body have arrived. */
  readonly carried: (bytes: number) => void;
  readonly proved: () => void;
  /** Why the connection ended, where it has. */
  readonly broken: () => PullFailure | null;
  /** The last stream that the origin may have acted on, where it has said so (RFC 9113 §6.8). */
  readonly lastStream: () => number;
  /** The origin has refused a stream: it may take it on another connection. */
  readonly refused: () => void;
  /** The edge ends a stream that the origin has not ended. */
  readonly cancelled: () => void;
  /** The origin wants HTTP/1.1 instead (RFC 9113 §7, HTTP_1_1_REQUIRED). */
  readonly http1Required: () => void;
  readonly closed: (stream: Http2Stream) => void;
}

/** One request on an HTTP/2 connection to an origin. What becomes of it is no other's concern. */
export class Http2Stream implements Lane {
  readonly protocol = '2';
  readonly #session: ClientHttp2Session;
  readonly #world: StreamWorld;
  #stream: ClientHttp2Stream | null = null;
  /** `null` once it is told how it ended. */
  #exchange: Exchange | null = null;
  #earlier = 0;
  #idleSince = 0;
  #state: 'lent' | 'head' | 'body' | 'over' = 'lent';
  #requestSent = false;
  #requestTrailers: Fields = NO_FIELDS;
  #trailers: Fields = NO_FIELDS;
  #interims = 0;
  /** The frame that ends the answer has arrived, though perhaps not all before it has been handed over. */
  #whole = false;
  #error: NodeJS.ErrnoException | null = null;
  #held = false;
  #pumping = false;

  constructor(session: ClientHttp2Session, world: StreamWorld) {
    this.#session = session;
    this.#world = world;
  }

  get address(): string {
    return this.#world.address;
  }

  get opening(): Opening {
    return this.#world.opening;
  }

  get earlier(): number {
    return this.#earlier;
  }

  get idleSince(): number {
    return this.#idleSince;
  }

  /** Bytes of the answer that have arrived and are not handed over yet. */
  get unread(): number {
    return this.#stream?.readableLength ?? 0;
  }

  send(request: OriginRequest, exchange: Exchange): void {
    const { answerTimeout, count } = this.#world;
    this.#state = 'head';
    this.#exchange = exchange;
    this.#earlier = count() - 1;
    const endStream = endsWithHead(request.framing);
    this.#requestSent = endStream;
    const waitForTrailers = request.framing.kind === 'chunked';
    const stream = this.#session.request(requestList(request), { endStream, waitForTrailers });
    this.#stream = stream;
    stream.on('headers', (_fields, flags, raw: string[]) => this.#guarded(() => this.#head(raw, flags)));
    stream.on('response', (_fields, flags, raw: string[]) => this.#guarded(() => this.#head(raw, flags)));
    stream.on('trailers', (_fields, _flags, raw: string[]) => this.#guarded(() => this.#takeTrailers(raw)));
    stream.on('drain', () => this.#guarded(() => this.#exchange?.drained()));
    stream.on('wantTrailers', () => this.#guarded(() => stream.sendTrailers(trailerObject(this.#requestTrailers))));
    stream.on('end', () => this.#guarded(() => this.#ended()));
    // Told with `close`.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error;
    });
    stream.on('close', () => this.#guarded(() => this.#closed(stream)));
    stream.setTimeout(answerTimeout, () =>
      this.#guarded(() => this.#fail(pullFailure('answer_timeout', `${answerTimeout} ms without a byte`))),
    );
    this.#watchEnd(stream);
  }

  write(piece: Buffer): boolean {
    const stream = this.#stream;
    return stream === null || stream.closed || stream.destroyed ? true : stream.write(piece);
  }

  endBody(trailers: Fields): void {
    this.#requestTrailers = trailers;
    this.#requestSent = true;
    this.#stream?.end();
  }

  pause(): void {
    this.#held = true;
  }

  resume(): void {
    this.#held = false;
    this.#pump();
  }

  giveBack(): void {
    if (this.#state === 'lent') this.#finish();
  }

  destroy(): void {
    if (this.#state === 'lent') return this.#finish();
    if (this.#state !== 'over') this.#fail(pullFailure('closed_early', 'taken back'), NGHTTP2_CANCEL);
  }

  // node:http2 lets a stream that was reset with NO_ERROR, or whose connection broke off, end like one that is complete.
  // Only what ends while the stream is open was ended by the origin's END_STREAM.
  #watchEnd(stream: ClientHttp2Stream): void {
    const push = stream.push.bind(stream);
    stream.push = (chunk: Buffer | null) => {
      if (chunk !== null) this.#world.carried(chunk.length + FRAME_BYTES);
      else if (!stream.closed) this.#whole = true;
      return push(chunk);
    };
  }

  // A fault of ours, met through this stream, must cost this stream only.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(edgeFault(error), NGHTTP2_INTERNAL_ERROR);
    }
  }

  #head(raw: readonly string[], flags: number): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const bytes = listBytes(raw);
    this.#world.carried(bytes);
    if (bytes > DEFAULT_LIMITS.maxHeadBytes) {
      return this.#fail(pullFailure('bad_answer', 'head_too_large'), NGHTTP2_ENHANCE_YOUR_CALM);
    }
    const ended = (flags & END_STREAM) !== 0;
    const head = parseResponseList(raw, { requestMethod: exchange.method, ended });
    if (head.kind === 'refusal') return this.#fail(pullFailure('bad_answer', head.code), NGHTTP2_PROTOCOL_ERROR);
    if (!head.interim) return this.#answer(exchange, head);
    if (++this.#interims > MAX_INTERIM) {
      return this.#fail(pullFailure('bad_answer', 'too many interim responses'), NGHTTP2_ENHANCE_YOUR_CALM);
    }
    exchange.interim(head);
  }

  #answer(exchange: Exchange, head: Parameters<Exchange['answered']>[0]): void {
    if (this.#state !== 'head') {
      return this.#fail(pullFailure('bad_answer', 'a second response'), NGHTTP2_PROTOCOL_ERROR);
    }
    this.#state = 'body';
    this.#world.proved();
    exchange.answered(head);
    if (this.#exchange !== exchange) return;
    exchange.paused();
    this.#stream?.on('readable', () => this.#pump());
    this.#pump();
  }

  // Each DATA frame of one read makes the stream readable. What came together goes on together.
  #pump(): void {
    if (this.#pumping || this.#state !== 'body') return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#guarded(() => this.#readBody());
    });
  }

  #readBody(): void {
    if (this.#held || this.#exchange === null) return;
    const chunk = this.#stream?.read() as Buffer | null | undefined;
    if (!chunk) return;
    this.#exchange.data(chunk);
    this.#exchange?.paused();
  }

  #takeTrailers(raw: readonly string[]): void {
    this.#world.carried(listBytes(raw));
    const trailers = parseTrailerList(raw);
    if (typeof trailers === 'string') this.#fail(pullFailure('bad_answer', trailers), NGHTTP2_PROTOCOL_ERROR);
    else this.#trailers = trailers;
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (!this.#whole || exchange === null || this.#state !== 'body') return;
    this.#finish();
    // RFC 9113 §8.1: an answer may be complete before its request is; the rest of that is not wanted.
    if (!this.#requestSent) this.#reset(NGHTTP2_NO_ERROR);
    exchange.ended(this.#trailers);
  }

  #closed(stream: ClientHttp2Stream): void {
    if (this.#state === 'over') return;
    const id = stream.id ?? Number.POSITIVE_INFINITY;
    const broken = this.#world.broken();
    // Of a connection that broke, the code is no word about this stream.
    const code = broken === null ? stream.rstCode : NGHTTP2_NO_ERROR;
    const refused = UNPROCESSED.has(code) || id > this.#world.lastStream();
    if (refused) this.#world.refused();
    if (code === NGHTTP2_HTTP_1_1_REQUIRED) this.#world.http1Required();
    const error = this.#error?.code === 'ERR_HTTP2_STREAM_ERROR' ? null : this.#error;
    const failure = broken ?? (error === null ? resetFailure(stream.rstCode) : sessionFailure(error));
    this.#tell(failure, refused ? 'unprocessed' : 'unknown');
  }

  #fail(failure: PullFailure, code: number = NGHTTP2_CANCEL): void {
    if (this.#state === 'over') return;
    this.#reset(code);
    this.#tell(failure, 'unknown');
  }

  #tell(failure: PullFailure, reach: Reach): void {
    const exchange = this.#exchange;
    const begun = this.#state === 'body' || this.#interims > 0;
    this.#finish();
    exchange?.failed(failure, begun ? 'begun' : reach);
  }

  #finish(): void {
    this.#state = 'over';
    this.#exchange = null;
    this.#idleSince = this.#world.clock();
    this.#world.closed(this);
  }

  #reset(code: number): void {
    const stream = this.#stream;
    if (stream === null || stream.destroyed) return;
    this.#world.cancelled();
    resetStream(stream, code);
  }
}

/** What a request meets that the origin wants over HTTP/1.1. */
export const HTTP1_REQUIRED = pullFailure('http1_required', 'the origin answered HTTP_1_1_REQUIRED');

// What either side says when the other does not keep to the protocol.
const FAULTS: ReadonlySet<number> = new Set([
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FLOW_CONTROL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
]);

function resetFailure(code: number): PullFailure {
  if (code === NGHTTP2_HTTP_1_1_REQUIRED) return HTTP1_REQUIRED;
  const kind: PullFailureCode = FAULTS.has(code) ? 'bad_answer' : 'closed_early';
  return pullFailure(kind, `the HTTP/2 stream was reset with code ${code}`);
}

/** What an error of the whole session means; one of its socket has been told before. */
export function sessionFailure(error: NodeJS.ErrnoException): PullFailure {
  const malformed = error.code === 'ERR_HTTP2_ERROR' || error.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES';
  return pullFailure(malformed ? 'bad_answer' : 'closed_early', `${error.code ?? error.name}: ${error.message}`);
}

/** Trailers for node:http2, which takes no list here. */
function trailerObject({ names, values }: Fields): OutgoingHttpHeaders {
  const groups = new Map<string, string[]>();
  for (const [at, name] of names.entries()) groups.set(name, [...(groups.get(name) ?? []), values[at] ?? '']);
  return Object.fromEntries(groups);
}
