import { type BodyDecoder, take } from '../http1/body.ts';
import { bodyDecoder } from '../http1/body-decoder.ts';
import { type Fields, get } from '../http1/fields.ts';
import { parseResponseHead, type ResponseHead } from '../http1/head.ts';
import { endsWithHead } from '../http1/framing.ts';
import { HeadScanner } from '../http1/head-scanner.ts';
import type { Taker } from '../http1/splice.ts';
import { CHUNK_END, chunkHead, LAST_CHUNK, lastChunk } from '../http1/write.ts';
import { visible } from '../wire/visible.ts';
import type { Dialled } from './dial.ts';
import { classify, edgeFault, type PullFailure, pullFailure } from './failure.ts';
import { type ConnectionWorld, type Exchange, farEnd, type Lane, MAX_INTERIM } from './lane.ts';
import type { Opening } from './open.ts';
import { type OriginRequest, requestText } from './origin-request.ts';
import { watchTickets } from './sessions.ts';

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'head'; readonly exchange: Exchange }
  | { readonly kind: 'body'; readonly exchange: Exchange; readonly decoder: BodyDecoder }
  /** The answer is complete, the request is not: nothing more is wanted from this connection. */
  | { readonly kind: 'closed' };

/** Characters of an origin's own text that go into the log. */
const MOST_TOLD = 64;

/** A connection to an origin: one exchange at a time, for one identity, for life. */
export class OriginConnection implements Lane {
  readonly protocol = '1.1';
  /** Address and port that it leads to; empty where the socket had closed before anybody asked. */
  readonly address: string;
  readonly #socket: Dialled['socket'];
  readonly #inlet: Dialled['inlet'];
  readonly #world: ConnectionWorld<OriginConnection>;
  readonly #scanner = new HeadScanner('response');
  #phase: Phase = { kind: 'idle' };
  #requestSent = true;
  #chunked = false;
  #reusable = true;
  #begun = false;
  #interims = 0;
  #exchanges = 0;
  #idleSince: number;
  #idleLimit = Number.POSITIVE_INFINITY;
  /** Something has gone either way since the last tick. */
  #moved = true;
  #quietSince = 0;

  // Kept, because they are taken off again where the origin changes to another protocol.
  readonly #onData = (chunk: Buffer): void => this.#guarded(() => this.#read(chunk));
  readonly #onDrain = (): void => this.#guarded(() => this.#exchange()?.drained());
  readonly #onEnd = (): void => this.#guarded(() => this.#finish());

  constructor({ socket, inlet }: Dialled, world: ConnectionWorld<OriginConnection>) {
    this.#socket = socket;
    this.#inlet = inlet;
    this.#world = world;
    this.address = farEnd(socket);
    this.#idleSince = world.clock();
    this.#bringTo(this.#onData);
    socket.on('drain', this.#onDrain).on('end', this.#onEnd);
    socket.on('error', (error) => this.#guarded(() => this.#fail(classify(error, 'answer'))));
    socket.on('close', () => this.#guarded(() => this.#onClose()));
    if ('getSession' in socket) watchTickets(socket, world.session);
  }

  /** How many requests went through before the present one. */
  get earlier(): number {
    return Math.max(0, this.#exchanges - 1);
  }

  get opening(): Opening {
    return this.#world.opening;
  }

  /** On the pool's clock. */
  get idleSince(): number {
    return this.#idleSince;
  }

  /** How many requests went through, the present one among them. */
  get requests(): number {
    return this.#exchanges;
  }

  get retireAt(): number {
    return this.#world.retireAt;
  }

  /** How long the origin says it keeps an idle connection, less a second for the way there. */
  get idleLimit(): number {
    return this.#idleLimit;
  }

  get open(): boolean {
    return this.#phase.kind !== 'closed' && !this.#socket.destroyed;
  }

  /** Called about once a second: ends what takes too long. A timer of its own for each connection costs more. */
  tick(now: number): void {
    if (this.#moved || this.#exchange() === null || this.#socket.isPaused()) this.#quietSince = now;
    this.#moved = false;
    if (now - this.#quietSince >= this.#world.answerTimeout) this.#guarded(() => this.#timedOut());
  }

  /** Sends a request's head and begins to read the answer. */
  send(request: OriginRequest, exchange: Exchange): void {
    this.#phase = { kind: 'head', exchange };
    this.#requestSent = endsWithHead(request.framing);
    this.#chunked = request.framing.kind === 'chunked';
    this.#reusable = true;
    this.#begun = false;
    this.#interims = 0;
    this.#exchanges++;
    this.#moved = true;
    this.#socket.write(requestText(request), 'latin1');
  }

  /** Sends a piece of the request's body. False asks to wait for `drained`. */
  write(piece: Buffer): boolean {
    this.#moved = true;
    if (!this.#chunked) return this.#socket.write(piece);
    this.#socket.write(chunkHead(piece.length), 'latin1');
    this.#socket.write(piece);
    return this.#socket.write(CHUNK_END, 'latin1');
  }

  /** Ends the request's body. */
  endBody(trailers: Fields): void {
    if (this.#chunked) this.#socket.write(trailers.names.length === 0 ? LAST_CHUNK : lastChunk(trailers), 'latin1');
    this.#requestSent = true;
  }

  /** Stops reading the answer until `resume`: the receiver is slower than the origin. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Gives back a connection that was lent and not used. */
  giveBack(): void {
    if (this.#phase.kind === 'idle' && !this.#socket.destroyed) this.#free();
  }

  /** Closes at once. An exchange under way fails. */
  destroy(): void {
    this.#socket.destroy();
  }

  #exchange(): Exchange | null {
    return this.#phase.kind === 'head' || this.#phase.kind === 'body' ? this.#phase.exchange : null;
  }

  #read(chunk: Buffer): void {
    const exchange = this.#exchange();
    // Bytes that nobody asked for belong to no request: whoever came next would take them for its answer.
    if (exchange === null) return this.destroy();
    this.#begun = true;
    this.#moved = true;
    if (this.#phase.kind === 'body') this.#readBody(this.#phase, chunk, 0);
    else this.#readHead(exchange, chunk);
    if (this.#exchange() === exchange) exchange.paused();
  }

  // A fault of ours, met through this connection, must cost its exchange only.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      const exchange = this.#exchange();
      this.#phase = { kind: 'closed' };
      this.#socket.destroy();
      exchange?.failed(edgeFault(error), 'begun');
    }
  }

  #readHead(exchange: Exchange, chunk: Buffer): void {
    let bytes = chunk;
    let from = 0;
    for (;;) {
      const scan = this.#scanner.feed(bytes, from);
      if (scan === 'more') return;
      if (scan !== 'head') return this.#fail(pullFailure('bad_answer', scan.code));
      const span = { start: this.#scanner.start, end: this.#scanner.end };
      bytes = this.#scanner.bytes;
      const head = parseResponseHead(bytes, span, { requestMethod: exchange.method });
      this.#scanner.next();
      if (head.kind === 'refusal') return this.#fail(pullFailure('bad_answer', head.code));
      if (!head.interim) return this.#answer(exchange, head, bytes, span.end);
      if (++this.#interims > MAX_INTERIM) return this.#fail(pullFailure('bad_answer', 'too many interim responses'));
      exchange.interim(head);
      from = span.end;
      if (from === bytes.length) return;
    }
  }

  #answer(exchange: Exchange, head: ResponseHead, bytes: Buffer, from: number): void {
    if (head.status === 101) return this.#switch(exchange, head, bytes.subarray(from));
    this.#reusable = head.keepAlive;
    if (this.#exchanges === 1) {
      this.#world.proved();
      this.#noteKeepAlive(head);
    }
    const phase = { kind: 'body', exchange, decoder: bodyDecoder(head.framing) } as const;
    this.#phase = phase;
    exchange.answered(head);
    if (this.#phase === phase) this.#readBody(phase, bytes, from);
  }

  // HTTP is over on this connection: it is never lent again, and stays the pool's only to be ended with it.
  #switch(exchange: Exchange, head: ResponseHead, rest: Buffer): void {
    if (head.upgrade === null || head.upgrade !== exchange.upgrade) {
      const told = visible((head.upgrade ?? 'nothing').slice(0, MOST_TOLD));
      return this.#fail(pullFailure('bad_answer', `changes to ${told}, which was not asked for`));
    }
    this.#phase = { kind: 'closed' };
    const socket = this.#socket;
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd);
    socket.pause();
    // What was read with the head stays valid only until this returns, and whoever takes it may come later.
    const early = Buffer.from(rest);
    const bringTo = (taker: Taker): void => {
      if (early.length > 0) taker(early);
      this.#bringTo(taker);
      socket.resume();
    };
    exchange.switched(head, { socket, bringTo });
  }

  #bringTo(taker: Taker): void {
    if (this.#inlet === null) this.#socket.on('data', taker);
    else this.#inlet.to(taker);
  }

  #noteKeepAlive(head: ResponseHead): void {
    const seconds = /(?:^|[ ,;])timeout=(\d{1,6})/.exec(get(head.fields, 'keep-alive') ?? '')?.[1];
    if (seconds !== undefined) this.#idleLimit = Math.max(0, Number(seconds) * 1_000 - 1_000);
  }

  #readBody(phase: Extract<Phase, { kind: 'body' }>, bytes: Buffer, from: number): void {
    const { progress, payload } = take(phase.decoder, bytes, from);
    if (payload !== null) phase.exchange.data(payload);
    if (progress.kind === 'more' || this.#phase !== phase) return;
    if (progress.kind === 'refusal') return this.#fail(pullFailure('bad_answer', progress.code));
    this.#complete(phase.exchange, progress.trailers, progress.next === bytes.length);
  }

  #complete(exchange: Exchange, trailers: Fields, clean: boolean): void {
    if (this.#requestSent && this.#reusable && clean && !this.#socket.destroyed) {
      this.#phase = { kind: 'idle' };
      this.#free();
    } else {
      this.#phase = { kind: 'closed' };
      this.#socket.destroy();
    }
    exchange.ended(trailers);
  }

  #free(): void {
    this.#idleSince = this.#world.clock();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#world.free(this);
  }

  // The origin has closed its side: that may be how it ends a body, else the answer is cut off.
  #finish(): void {
    if (this.#phase.kind === 'body') {
      const progress = this.#phase.decoder.end();
      if (progress.kind === 'done') return this.#complete(this.#phase.exchange, progress.trailers, false);
    }
    this.#fail(pullFailure('closed_early', this.#closedDetail()));
  }

  // Some servers refuse a client certificate without an alert: by closing a new connection after the handshake.
  #closedDetail(): string {
    if (this.#exchanges > 1 || this.#begun) return `closed after ${this.earlier} earlier requests`;
    return 'closed a new connection without a word: a refusal of the client certificate can look like this';
  }

  #timedOut(): void {
    this.#fail(pullFailure('answer_timeout', `${this.#world.answerTimeout} ms without a byte`));
  }

  #fail(failure: PullFailure): void {
    const exchange = this.#exchange();
    this.#phase = { kind: 'closed' };
    this.#socket.destroy();
    if (exchange === null) return;
    if (this.#exchanges === 1 && !this.#begun) this.#world.unproved(failure);
    exchange.failed(failure, this.#begun ? 'begun' : 'unknown');
  }

  // An end that the origin has said was told before. What ends otherwise, by us for one, ends no body.
  #onClose(): void {
    this.#fail(pullFailure('closed_early', this.#closedDetail()));
    this.#world.closed(this);
  }
}
