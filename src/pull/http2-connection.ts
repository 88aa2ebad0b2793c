import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { Allowance, type Rate } from '../http2/allowance.ts';
import { FRAME_BYTES, FRAME_RATES, UPDATE_BYTES } from '../http2/frames.ts';
import { classify, type PullFailure, pullFailure } from './failure.ts';
import { HTTP1_REQUIRED, Http2Stream, type StreamWorld, sessionFailure } from './http2-stream.ts';
import { type ConnectionWorld, farEnd, type Lane } from './lane.ts';
import { watchTickets } from './sessions.ts';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_NO_ERROR } = constants;

/** How many requests go over one connection at once, where the origin allows as many. */
const MAX_STREAMS = 100;

// node:http2 grants the connection's window anew as bytes arrive: a stream that is not read from holds up itself only.
const STREAM_WINDOW = 262_144;

const OPTIONS = {
  maxSessionInvalidFrames: 100,
  maxSettings: 32,
  // One more than the limit for fields of an answer, for its status.
  maxHeaderListPairs: 129,
  maxSessionMemory: 64,
  // RFC 7541 §7.1: one visitor could guess what another sends from how well its own fields compress beside them.
  maxDeflateDynamicTableSize: 0,
  // What visitors send passes as they sent it; src/http1 and src/http2 have judged it.
  strictFieldWhitespaceValidation: false,
  strictSingleValueFields: false,
  // Above what src/http1 lets in and the edge adds: what node:http2 will not send looks like a refusal by the origin.
  maxSendHeaderBlockLength: 131_072,
  settings: { enablePush: false, maxHeaderListSize: 65_536, initialWindowSize: STREAM_WINDOW },
} as const;

// Origins end connections on which too much is taken back (CVE-2023-44487): Node's do after 1,000. What visitors take back
// on one connection stays far below that; the next requests then go over another.
const CANCELS: Rate = { burst: 100, perSecond: 10 };

/** Every this many bytes sent, an honest origin may say once for the stream and once for all that it took them. */
const BYTES_PER_UPDATE = 1_024;

/** What an HTTP/2 connection needs besides. */
interface Http2World extends ConnectionWorld<Http2Connection> {
  /** How long the origin may take for its SETTINGS. */
  readonly openTimeout: number;
  /** The origin wants HTTP/1.1 instead. */
  readonly http1Required: () => void;
}

/** An HTTP/2 connection to an origin: many exchanges at once, for one identity, for life. */
export class Http2Connection {
  readonly protocol = '2';
  readonly address: string;
  /** On the pool's clock. */
  readonly openedAt: number;
  readonly #socket: TLSSocket;
  readonly #session: ClientHttp2Session;
  readonly #world: Http2World;
  readonly #streamWorld: StreamWorld;
  readonly #streams = new Set<Http2Stream>();
  readonly #allowances: Readonly<Record<keyof typeof FRAME_RATES, Allowance>>;
  readonly #cancels: Allowance;
  /** Streams at once; a single one until the origin has said how many it takes. */
  #limit = 1;
  #settled = false;
  #proved = false;
  #state: 'open' | 'leaving' | 'closed' = 'open';
  #requests = 0;
  #idleSince: number;
  #failure: PullFailure | null = null;
  #lastStream = Number.POSITIVE_INFINITY;
  /** Bytes that arrived in frames which carried fields or a body, and those in all others as the last tick saw them. */
  #useful = 0;
  #overhead = 0;

  constructor(socket: TLSSocket, world: Http2World) {
    const now = world.clock();
    this.#socket = socket;
    this.#world = world;
    this.address = farEnd(socket);
    this.openedAt = now;
    this.#idleSince = now;
    this.#allowances = {
      pings: new Allowance(FRAME_RATES.pings, now),
      settings: new Allowance(FRAME_RATES.settings, now),
      overhead: new Allowance(FRAME_RATES.overhead, now),
    };
    this.#cancels = new Allowance(CANCELS, now);
    this.#streamWorld = this.#worldOfStreams();
    // Before node:http2 listens, which ends the streams: they ask why.
    socket.on('error', (error) => this.#broke(classify(error, 'answer')));
    watchTickets(socket, world.session);
    this.#session = connect('https://origin.invalid', { ...OPTIONS, createConnection: () => socket });
    this.#watch();
  }

  get opening(): Lane['opening'] {
    return this.#world.opening;
  }

  /** How many requests it was given. */
  get requests(): number {
    return this.#requests;
  }

  /** How many are under way. */
  get active(): number {
    return this.#streams.size;
  }

  /** How many more it takes now. */
  get room(): number {
    return this.#state === 'open' ? Math.max(0, this.#limit - this.#streams.size) : 0;
  }

  /** The origin has said how many requests it takes at once. */
  get settled(): boolean {
    return this.#settled;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get retireAt(): number {
    return this.#world.retireAt;
  }

  /** On the pool's clock, where no request is under way. */
  get idleSince(): number {
    return this.#idleSince;
  }

  /** Why it ended, where it has. */
  get failure(): PullFailure | null {
    return this.#failure;
  }

  /** A place for one request. Ask only where there is room. */
  lane(): Lane {
    const stream = new Http2Stream(this.#session, this.#streamWorld);
    this.#streams.add(stream);
    return stream;
  }

  /** Takes no more requests, and ends with the last of those under way. */
  leave(): void {
    this.#takeNoMore();
    if (this.#streams.size === 0) this.destroy();
  }

  /** Closes at once. Exchanges under way fail. */
  destroy(): void {
    this.#end(pullFailure('closed_early', 'closed by the edge'), NGHTTP2_NO_ERROR);
  }

  /** Looks after what no event tells of. */
  tick(now: number): void {
    if (this.#state === 'closed') return;
    const { openTimeout } = this.#world;
    if (!this.#settled && now - this.openedAt > openTimeout) {
      return this.#end(pullFailure('bad_answer', `no HTTP/2 SETTINGS in ${openTimeout} ms`), NGHTTP2_NO_ERROR);
    }
    this.#weigh();
  }

  #worldOfStreams(): StreamWorld {
    const { opening, answerTimeout, clock } = this.#world;
    return {
      address: this.address,
      opening,
      answerTimeout,
      clock,
      count: () => ++this.#requests,
      carried: (bytes) => {
        this.#useful += bytes;
      },
      proved: () => {
        if (!this.#proved) this.#world.proved();
        this.#proved = true;
      },
      broken: () => this.#failure,
      lastStream: () => this.#lastStream,
      refused: () => this.#takeNoMore(),
      cancelled: () => {
        if (!this.#cancels.take(1, clock())) this.#takeNoMore();
      },
      http1Required: () => this.#world.http1Required(),
      closed: (stream) => this.#streamClosed(stream),
    };
  }

  #watch(): void {
    const session = this.#session;
    session.on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => {
      this.#spend('settings', 1);
      this.#limit = Math.min(MAX_STREAMS, maxConcurrentStreams);
      this.#settled = true;
      if (this.#state === 'open') this.#world.free(this);
    });
    session.on('ping', () => this.#spend('pings', 1));
    session.on('goaway', (code, last) => {
      this.#takeNoMore();
      this.#lastStream = Math.min(this.#lastStream, last);
      // node:http2 now ends all streams, with this code as if each had been reset with it.
      if (code === NGHTTP2_NO_ERROR) return;
      this.#broke(code === NGHTTP2_HTTP_1_1_REQUIRED ? HTTP1_REQUIRED : goneAway(code));
      if (code === NGHTTP2_HTTP_1_1_REQUIRED) this.#world.http1Required();
    });
    session.on('error', (error) => this.#broke(sessionFailure(error)));
    session.on('close', () => this.#onClose());
    // Over TLS nobody closes one side alone.
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#onClose());
  }

  #streamClosed(stream: Http2Stream): void {
    if (!this.#streams.delete(stream)) return;
    if (this.#streams.size === 0) this.#idleSince = this.#world.clock();
    if (this.#state === 'leaving' && this.#streams.size === 0) this.destroy();
    else if (this.#state === 'open') this.#world.free(this);
  }

  // Window updates and frames of unknown types raise no event: what is left of the bytes that arrived, once all that was of
  // use and all that honest origins send besides is taken off, is such frames.
  #weigh(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    const total = bytesRead - this.#useful - Math.ceil(bytesWritten / BYTES_PER_UPDATE) * (UPDATE_BYTES + FRAME_BYTES);
    const grown = total - this.#overhead;
    this.#overhead = total;
    if (grown > 0) this.#spend('overhead', grown);
  }

  #spend(kind: keyof typeof FRAME_RATES, amount: number): void {
    if (this.#allowances[kind].take(amount, this.#world.clock())) return;
    this.#end(pullFailure('bad_answer', `too many HTTP/2 frames without use (${kind})`), NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** The first cause counts. */
  #broke(failure: PullFailure): void {
    this.#failure ??= failure;
    this.#takeNoMore();
  }

  #takeNoMore(): void {
    if (this.#state === 'open') this.#state = 'leaving';
  }

  #end(failure: PullFailure, code: number): void {
    if (this.#state === 'closed') return;
    this.#broke(failure);
    this.#session.destroy(undefined, code);
    this.#socket.destroy();
  }

  #onClose(): void {
    if (this.#state === 'closed') return;
    this.#broke(pullFailure('closed_early', this.#closedDetail()));
    this.#state = 'closed';
    this.#session.destroy();
    this.#socket.destroy();
    const { failure } = this;
    if (failure !== null && !this.#proved && this.#requests > 0) this.#world.unproved(failure);
    this.#world.closed(this);
  }

  // Some servers refuse a client certificate without an alert: by closing a new connection after the handshake.
  #closedDetail(): string {
    if (this.#proved) return `closed after ${this.#requests} requests`;
    return 'closed a new connection without a word: a refusal of the client certificate can look like this';
  }
}

function goneAway(code: number): PullFailure {
  return pullFailure('closed_early', `the origin closed the HTTP/2 connection with code ${code}`);
}
