import type { Socket } from 'node:net';
import { AnswerWriter } from './answer-writer.ts';
import { take } from './body.ts';
import { bodyDecoder } from './body-decoder.ts';
import { BodyPace } from './body-pace.ts';
import type { Fields } from './fields.ts';
import { endsWithHead } from './framing.ts';
import { parseRequestHead, type RequestHead } from './head.ts';
import { HeadScanner } from './head-scanner.ts';
import { REFUSALS, type RefusalCode } from './refusals.ts';
import { replyText } from './reply-text.ts';
import type { RequestPhase } from './request-phase.ts';
import type { Answer, BodyReceiver, Interim, Reply, Responder } from './responder.ts';
import type { ServerLimits } from './server-limits.ts';
import { splice, type Tunnel } from './splice.ts';
import { UnreadAnswer } from './unread-answer.ts';
import type { UnreadPage } from './unread-request.ts';
import { parsedLines, statusLine, upgradeLines } from './write.ts';

/** What a connection needs from its listener. */
export interface ServerWorld {
  /** The TCP connection itself, below TLS. */
  readonly carrier: Socket;
  readonly nextId: () => string;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly limits: ServerLimits;
}

const EMPTY = Buffer.alloc(0);
/** Bytes of a body that are read while it waits for a connection to its origin. */
const MOST_HELD = 16_384;

/** The server's side of one HTTP/1.1 connection: one request at a time, in order. What a request means is left open. */
export abstract class ServerConnection implements Responder {
  readonly #socket: Socket;
  readonly #world: ServerWorld;
  readonly #scanner = new HeadScanner('request');
  #request: RequestPhase = { kind: 'head' };
  readonly #answer: AnswerWriter;
  #head: RequestHead | null = null;
  #id = '';
  #since = 0;
  #receiver: BodyReceiver | null = null;
  /** Bytes that arrived and are not used yet. */
  #rest: Buffer = EMPTY;
  #keepAlive = true;
  #bodyPaused = false;
  /** The last answer is complete, but the visitor has not taken all of it yet. */
  #unread = false;
  #draining = false;
  #halfClosed = false;
  readonly #unreadAnswer = new UnreadAnswer();
  /** How the body under way keeps time. */
  #pace: BodyPace | null = null;
  /** When the present phase runs out of time, on the clock of the world. */
  #deadline: number;
  // Kept, because they are taken off again where the connection changes to another protocol.
  readonly #onData = (chunk: Buffer): void => this.#guarded(() => this.#read(chunk));
  readonly #onDrain = (): void => this.#guarded(() => this.#drained());
  readonly #onEnd = (): void => this.#ended();

  constructor(socket: Socket, world: ServerWorld) {
    this.#socket = socket;
    this.#answer = new AnswerWriter(socket);
    this.#world = world;
    this.#deadline = world.clock() + world.limits.headTimeout;
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('end', this.#onEnd);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  get head(): RequestHead {
    if (this.#head === null) throw new Error('there is no request under way');
    return this.#head;
  }

  get id(): string {
    return this.#id;
  }

  get protocol(): Responder['protocol'] {
    return this.head.version;
  }

  get since(): number {
    return this.#since;
  }

  /** Whether a far end that has sent all that it will send may still read: over plain TCP it may (RFC 9112 §9.6). */
  protected abstract get halfOpen(): boolean;

  /** Lines that the server adds to each answer. */
  protected abstract get ownLines(): string;

  /** A request is here, as far as its head goes. */
  protected abstract begun(head: RequestHead): void;

  /** A request was not read whole. Answers what the far end is told. */
  protected abstract unread(page: UnreadPage, id: string): Reply;

  /** A fault of ours; the connection ends. */
  protected abstract fault(error: unknown): void;

  /** Called about once a second: ends what takes too long. */
  tick(now: number): void {
    this.#lookAhead();
    const { kind } = this.#request;
    if (this.#unreadAnswer.lasts(this.#socket, now) >= this.#world.limits.unreadTimeout) this.#socket.destroy();
    else if (kind === 'body' && this.#pace?.tooSlow(now) === true) this.#late('body_timeout');
    else if (now < this.#deadline) return;
    else if (kind === 'head' && !this.#scanner.idle) this.#late('head_timeout');
    else if (this.#halfClosed || kind === 'head' || kind === 'closing') this.#socket.destroy();
  }

  /** Says at the next answer that it is the last one: who is about to ask has not asked in vain. */
  leave(): void {
    this.#draining = true;
  }

  /** Lets the request under way finish and takes no other. */
  drain(): void {
    this.#draining = true;
    this.#keepAlive = false;
    if (this.#request.kind === 'head' && this.#scanner.idle && this.#rest.length === 0) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  receive(receiver: BodyReceiver): void {
    this.#receiver = receiver;
  }

  startBody(): void {
    if (this.#request.kind !== 'held') return;
    this.#request = { kind: 'body', decoder: this.#request.decoder };
    this.#pace = new BodyPace(this.#world.limits, this.#world.clock());
    this.resumeBody();
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#pace?.held(this.#world.clock());
    this.#socket.pause();
  }

  resumeBody(): void {
    this.#bodyPaused = false;
    this.#pace?.released(this.#world.clock());
    const held = this.#rest;
    this.#rest = EMPTY;
    if (held.length > 0) this.#process(held, 0);
    if (this.#bodyPaused) return;
    if (this.#halfClosed && this.#request.kind === 'body') this.#socket.destroy();
    else if (this.#mayRead()) this.#socket.resume();
  }

  interim({ status, reason, sent }: Interim): void {
    // RFC 9110 §15.2: a 1.0 client cannot understand interim responses.
    if (this.#head?.version !== '1.1') return;
    this.#socket.write(`${statusLine(status, reason)}${parsedLines(sent.fields, sent.keeps)}\r\n`, 'latin1');
  }

  answer({ status, reason, sent, framing }: Answer): void {
    const old = this.#head?.version === '1.0';
    const unsized = framing.kind === 'chunked' || framing.kind === 'close';
    const end = unsized ? (old ? 'until_close' : 'chunked') : 'sized';
    if (end === 'until_close' || this.#draining || !this.#head?.keepAlive) this.#keepAlive = false;
    // The rest of a request whose answer is already here may never come: do not wait for it.
    if (this.#request.kind === 'body' || this.#request.kind === 'held') this.#keepAlive = false;
    const coding = end === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
    const reuse = this.#keepAlive ? (old ? 'Connection: keep-alive\r\n' : '') : 'Connection: close\r\n';
    const lines = parsedLines(sent.fields, sent.keeps);
    this.#answer.begin(`${statusLine(status, reason)}${lines}${this.ownLines}${coding}${reuse}\r\n`, end);
  }

  data(chunk: Buffer): boolean {
    const more = this.#answer.data(chunk);
    if (!more) this.#unreadAnswer.begins(this.#world.clock());
    return more;
  }

  flush(): void {
    this.#answer.flush();
  }

  end(trailers: Fields): void {
    this.#answer.finish(trailers);
    this.#finish();
  }

  page(reply: Reply): void {
    if (this.#draining || reply.last === true || this.#request.kind !== 'complete') this.#keepAlive = false;
    const withBody = this.#head?.method !== 'HEAD';
    this.#socket.write(replyText(reply, { close: !this.#keepAlive, withBody }), 'latin1');
    this.#finish();
  }

  tunnel({ status, reason, sent }: Interim, protocol: string, behind: Tunnel): void {
    const socket = this.#socket;
    const lines = parsedLines(sent.fields, sent.keeps);
    socket.write(`${statusLine(status, reason)}${lines}${this.ownLines}${upgradeLines(protocol)}\r\n`, 'latin1');
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd);
    this.#request = { kind: 'tunnel' };
    this.#receiver = null;
    socket.pause();
    if (this.#rest.length > 0) socket.unshift(this.#rest);
    this.#rest = EMPTY;
    splice(socket, behind, this.#world.limits.tunnelTimeout);
  }

  abort(): void {
    this.#socket.destroy();
  }

  // A fault of ours, met through this visitor, must cost this connection only.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fault(error);
      this.#socket.destroy();
    }
  }

  #read(chunk: Buffer): void {
    if (this.#request.kind === 'closing') return;
    if (this.#mustWait()) {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      if (!this.#mayRead()) this.#socket.pause();
      return;
    }
    this.#process(chunk, 0);
  }

  // Bytes are used strictly in order: while earlier ones wait, so do these.
  #mustWait(): boolean {
    const { kind } = this.#request;
    return this.#bodyPaused || this.#unread || this.#rest.length > 0 || kind === 'held' || kind === 'complete';
  }

  // A visitor that is not read from may leave unnoticed: while its body waits, some of that is taken in.
  #mayRead(): boolean {
    return this.#rest.length < (this.#request.kind === 'held' ? MOST_HELD : 1);
  }

  // What is not read from ends unnoticed. So now and then some more is taken in of a body that waits, which may be all that
  // its end stands behind; and a write of nothing, of which not a byte goes out, fails where the connection was reset.
  #lookAhead(): void {
    const { kind } = this.#request;
    if (kind !== 'body' && kind !== 'held' && kind !== 'complete') return;
    if (!this.#socket.isPaused() || this.#unreadAnswer.waits) return;
    if (this.#bodyPaused && this.#rest.length < MOST_HELD) this.#socket.read();
    this.#world.carrier.write('');
  }

  #process(bytes: Buffer, from: number): void {
    if (this.#request.kind === 'body') this.#readBody(this.#request, bytes, from);
    else if (this.#request.kind === 'head') this.#readHead(bytes, from);
    else this.#rest = from === 0 ? bytes : bytes.subarray(from);
  }

  #readHead(chunk: Buffer, from: number): void {
    if (this.#scanner.idle) {
      this.#since = this.#world.clock();
      this.#deadline = this.#since + this.#world.limits.headTimeout;
    }
    const scan = this.#scanner.feed(chunk, from);
    if (scan === 'more') return;
    if (scan !== 'head') return this.#refuse(scan.code);
    const { bytes, start, end } = this.#scanner;
    const head = parseRequestHead(bytes, { start, end });
    this.#scanner.next();
    if (head.kind === 'refusal') return this.#refuse(head.code);
    this.#begin(head, bytes, end);
  }

  #begin(head: RequestHead, bytes: Buffer, end: number): void {
    this.#head = head;
    this.#id = this.#world.nextId();
    this.#receiver = null;
    this.#keepAlive = head.keepAlive && !this.#draining && !this.#socket.readableEnded;
    this.#request = endsWithHead(head.framing)
      ? { kind: 'complete' }
      : { kind: 'held', decoder: bodyDecoder(head.framing) };
    if (end < bytes.length) this.#rest = bytes.subarray(end);
    this.begun(head);
  }

  #readBody(phase: Extract<RequestPhase, { kind: 'body' }>, bytes: Buffer, from: number): void {
    this.#pace?.arrived(bytes.length - from, this.#world.clock());
    const { progress, payload } = take(phase.decoder, bytes, from);
    if (payload !== null) this.#receiver?.body(payload);
    if (progress.kind === 'more' || this.#request !== phase) return;
    if (progress.kind === 'refusal') return this.#refuse(progress.code);
    this.#request = { kind: 'complete' };
    if (progress.next < bytes.length) this.#rest = bytes.subarray(progress.next);
    this.#receiver?.bodyEnded(progress.trailers);
  }

  #finish(): void {
    const complete = this.#request.kind === 'complete';
    this.#head = null;
    this.#receiver = null;
    this.#bodyPaused = false;
    this.#pace = null;
    if (!complete || !this.#keepAlive) return this.#linger();
    this.#request = { kind: 'head' };
    this.#deadline = this.#world.clock() + this.#world.limits.idleTimeout;
    // Answers must not pile up for a visitor that does not read them: its next request waits until it has.
    if (this.#socket.writableNeedDrain) {
      this.#unread = true;
      this.#unreadAnswer.begins(this.#world.clock());
      this.#socket.pause();
    } else this.#proceed();
  }

  #proceed(): void {
    // The next request may be here already; a fresh stack keeps a long pipeline from growing this one.
    if (this.#rest.length > 0) setImmediate(() => this.#guarded(() => this.#socket.destroyed || this.resumeBody()));
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #drained(): void {
    this.#unreadAnswer.ends();
    if (!this.#unread) return this.#receiver?.writable();
    this.#unread = false;
    this.#proceed();
  }

  // Closing while the visitor still sends would make its system discard the answer (RFC 9112 §9.6).
  #linger(): void {
    this.#request = { kind: 'closing' };
    // What is still on its way may take as long as it is read; the wait for the visitor's own end begins after that.
    this.#deadline = this.#world.clock() + this.#world.limits.unreadTimeout;
    this.#rest = EMPTY;
    this.#socket.end(() => {
      this.#deadline = this.#world.clock() + this.#world.limits.lingerTimeout;
    });
    this.#socket.resume();
  }

  #refuse(code: RefusalCode): void {
    const { status, text } = REFUSALS[code];
    this.#giveUp({ status, code, text: `${text}.` });
  }

  #late(code: 'head_timeout' | 'body_timeout'): void {
    this.#giveUp({ status: 408, code, text: 'The request did not arrive in time.' });
  }

  // A request that is under way keeps its id, and whoever pulls for it learns how it ends.
  #giveUp(page: UnreadPage): void {
    const reply = this.unread(page, this.#head === null ? this.#world.nextId() : this.#id);
    const { begun } = this.#answer;
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.gone(begun ? null : page);
    // An answer that was begun cannot be taken back.
    if (begun) return this.abort();
    this.#keepAlive = false;
    this.page(reply);
  }

  // All has been sent that will be. Over TLS nobody closes one side alone, and nobody should work for one who has left.
  #ended(): void {
    this.#keepAlive = false;
    if (this.halfOpen && (this.#bodyPaused || this.#isWhole())) return this.#limitWait();
    // The last request is here already and waits for its turn.
    if (this.#request.kind === 'head' && this.#rest.length > 0) return;
    if (this.#request.kind === 'head' || this.#request.kind === 'closing') this.#socket.end();
    else this.#socket.destroy();
  }

  /** All of the request is here, be it that its body still waits. */
  #isWhole(): boolean {
    if (this.#request.kind !== 'held') return this.#request.kind === 'complete';
    return take(bodyDecoder(this.head.framing), this.#rest, 0).progress.kind !== 'more';
  }

  // Whoever has really left looks the same: an origin does not work for long on a guess.
  #limitWait(): void {
    this.#halfClosed = true;
    this.#deadline = this.#world.clock() + this.#world.limits.headTimeout;
  }

  #onClose(): void {
    const receiver = this.#receiver;
    this.#receiver = null;
    this.#request = { kind: 'closing' };
    receiver?.gone(null);
  }
}
