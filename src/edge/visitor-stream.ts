import { constants, type ServerHttp2Stream } from 'node:http2';
import { type Fields, NO_FIELDS } from '../http1/fields.ts';
import { endsWithHead } from '../http1/framing.ts';
import type { RequestHead } from '../http1/head.ts';
import type { RefusalCode } from '../http1/refusals.ts';
import { parseTrailerList } from '../http2/request-head.ts';
import { resetStream } from '../http2/reset-stream.ts';
import type { Tunnel } from '../http1/splice.ts';
import { BodyPace } from '../http1/body-pace.ts';
import { pageReply } from './pages.ts';
import type { Page } from './page.ts';
import { fieldList, fieldObject, sendReply } from './reply-list.ts';
import type { Answer, BodyReceiver, Interim, Reply } from '../http1/responder.ts';
import type { Visitor } from './visitor.ts';
import { sentToVisitor } from './sent-on.ts';
import type { VisitorWorld } from './visitor-world.ts';
import type { Visit, Visits } from './visits.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR } = constants;

/** What a stream needs from its session. */
export interface StreamWorld extends VisitorWorld {
  readonly visits: Visits;
  /** So many bytes of a body were taken. */
  readonly carried: (bytes: number) => void;
  readonly closed: (stream: VisitorStream, end: StreamEnd) => void;
  /** Ends the session once the streams under way have ended. */
  readonly drain: () => void;
}

/** How a stream came to its end. */
export interface StreamEnd {
  /** The whole request had been taken; else a part of its body may have been thrown away. */
  readonly complete: boolean;
  /** The visitor took its request back before the answer was complete. */
  readonly takenBack: boolean;
}

/** What a stream carries: a head that was judged, and the id it got. */
export interface StreamRequest {
  readonly head: RequestHead;
  readonly id: string;
}

type RequestPhase = 'held' | 'body' | 'complete';

/** One request over HTTP/2. */
export class VisitorStream implements Visitor {
  readonly head: RequestHead;
  readonly visit: Visit;
  readonly id: string;
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  readonly protocol = '2';
  readonly tls: string | null;
  readonly shown: Visitor['shown'];
  readonly since: number;
  readonly #stream: ServerHttp2Stream;
  readonly #world: StreamWorld;
  #receiver: BodyReceiver | null = null;
  #request: RequestPhase;
  #trailers: Fields = NO_FIELDS;
  #sentTrailers: Fields = NO_FIELDS;
  #bodyPaused = false;
  #pumping = false;
  /** The answer is complete as far as the edge is concerned. */
  #answered = false;
  #aborted = false;
  /** How the body under way keeps time. */
  #pace: BodyPace | null = null;
  #written = 0;
  /** How much of it the visitor had taken, and until when it must have taken more. */
  #taken = 0;
  #readDeadline: number;

  constructor(stream: ServerHttp2Stream, { head, id }: StreamRequest, world: StreamWorld) {
    this.head = head;
    this.id = id;
    this.scheme = world.scheme;
    this.serverName = world.serverName;
    this.visit = world.visits.of(head);
    this.tls = world.tls;
    this.shown = world.shown;
    // node:http2 tells of a request when its head is whole: there is no earlier time to know.
    this.since = world.clock();
    this.#stream = stream;
    this.#world = world;
    this.#request = head.framing.kind === 'none' ? 'complete' : 'held';
    this.#readDeadline = this.since + world.limits.unreadTimeout;
    stream.on('drain', () => this.#guarded(() => this.#receiver?.writable()));
    stream.on('trailers', (_fields, _flags, raw: string[]) => this.#guarded(() => this.#takeTrailers(raw)));
    stream.on('wantTrailers', () => this.#guarded(() => this.#sendTrailers()));
    stream.on('close', () => this.#guarded(() => this.#onClose()));
  }

  /** Bytes of the body that have arrived and wait to be taken. */
  get unread(): number {
    return this.#stream.readableLength;
  }

  /** What the visitor takes too long for; null where there is nothing. */
  overdue(now: number): 'body_timeout' | 'reader_stalled' | null {
    if (now >= this.#readDeadline && this.#stalled()) return 'reader_stalled';
    return this.#request === 'body' && this.#pace?.tooSlow(now) === true ? 'body_timeout' : null;
  }

  receive(receiver: BodyReceiver): void {
    this.#receiver = receiver;
  }

  startBody(): void {
    if (this.#request !== 'held') return;
    this.#request = 'body';
    this.#pace = new BodyPace(this.#world.limits, this.#world.clock());
    this.#stream.on('readable', () => this.#pump());
    this.#stream.on('end', () => this.#guarded(() => this.#bodyEnded()));
    this.resumeBody();
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#pace?.held(this.#world.clock());
  }

  resumeBody(): void {
    this.#bodyPaused = false;
    this.#pace?.released(this.#world.clock());
    this.#pump();
  }

  interim({ status, sent }: Interim): void {
    if (this.#open) this.#stream.additionalHeaders({ ':status': status, ...fieldObject(sent) });
  }

  answer({ status, sent, framing }: Answer): void {
    if (!this.#open) return;
    const endStream = endsWithHead(framing);
    const waitForTrailers = framing.kind === 'chunked';
    this.#stream.respond([':status', String(status), ...fieldList(sent), 'cf-ray', this.id], {
      endStream,
      waitForTrailers,
    });
  }

  data(chunk: Buffer): boolean {
    if (!this.#open) return true;
    if (this.#stream.writableLength === 0) this.#expectReading();
    this.#written += chunk.length;
    // node:http2 sends it later, when others have come in the same memory.
    return this.#stream.write(Buffer.from(chunk));
  }

  flush(): void {
    // node:http2 writes out what it has at the end of each turn of the loop.
  }

  end(trailers: Fields): void {
    this.#sentTrailers = trailers;
    this.#stream.end();
    this.#finish();
  }

  page(reply: Reply): void {
    if (this.#open) sendReply(this.#stream, reply, this.head.method !== 'HEAD');
    if (reply.last === true) this.#world.drain();
    this.#finish();
  }

  // RFC 8441 would carry WebSockets by an extended CONNECT, which the settings do not offer.
  tunnel(_switching: Interim, _protocol: string, origin: Tunnel): void {
    origin.socket.destroy();
    this.abort();
  }

  abort(): void {
    this.#aborted = true;
    this.#expectReading();
    resetStream(this.#stream, NGHTTP2_INTERNAL_ERROR);
  }

  get #open(): boolean {
    return !this.#stream.closed && !this.#stream.destroyed;
  }

  // A fault of ours, met through this stream, must cost this stream only.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#world.fault(error, this.id);
      this.abort();
    }
  }

  // Each DATA frame of one read makes the stream readable. What came together goes on together, else a body in frames of one
  // byte would cost the origin a write for each.
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#guarded(() => this.#readBody());
    });
  }

  #readBody(): void {
    if (this.#bodyPaused || this.#request !== 'body' || this.#stream.destroyed) return;
    const chunk = this.#stream.read() as Buffer | null;
    if (chunk === null) return;
    this.#world.carried(chunk.length);
    this.#pace?.arrived(chunk.length, this.#world.clock());
    this.#receiver?.body(chunk);
  }

  #takeTrailers(raw: readonly string[]): void {
    const trailers = parseTrailerList(raw);
    if (typeof trailers === 'string') this.#refuse(trailers);
    else this.#trailers = trailers;
  }

  #refuse(code: RefusalCode): void {
    this.#world.refused(code, this.visit.address, this.id);
    this.#aborted = true;
    resetStream(this.#stream, NGHTTP2_PROTOCOL_ERROR);
  }

  #bodyEnded(): void {
    if (this.#request !== 'body') return;
    this.#request = 'complete';
    this.#receiver?.bodyEnded(this.#trailers);
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(fieldObject(sentToVisitor(this.#sentTrailers, 'trailers')));
  }

  /** Ends what takes too long: whoever pulls for it is told. */
  cut(): void {
    this.#aborted = true;
    resetStream(this.#stream, NGHTTP2_CANCEL);
    // Where the visitor does not even read from its connection, the reset waits with all that is to be sent.
    this.#stream.destroy();
  }

  /** Gives up a request whose body does not come: with a page, where no part of an answer has been sent. */
  giveUpBody(): void {
    this.#world.refused('body_timeout', this.visit.address, this.id);
    if (this.#stream.headersSent) return this.cut();
    const page: Page = { status: 408, code: 'body_timeout', text: 'The request did not arrive in time.' };
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.gone(page);
    this.page(pageReply(page, { accept: undefined, id: this.id }));
  }

  #finish(): void {
    this.#answered = true;
    this.#receiver = null;
    this.#expectReading();
    // RFC 9113 §8.1: an answer may be complete before its request is; the rest of that is not wanted.
    if (this.#request !== 'complete' && this.#open) this.#stream.close(NGHTTP2_NO_ERROR);
  }

  #expectReading(): void {
    this.#readDeadline = this.#world.clock() + this.#world.limits.unreadTimeout;
  }

  // Pieces of an answer are taken as a whole or not at all: it is enough that one was since the deadline was set.
  #stalled(): boolean {
    const ended = this.#answered || this.#aborted;
    const taken = this.#written - this.#stream.writableLength;
    if (taken > this.#taken || (!ended && this.#stream.writableLength === 0)) {
      this.#taken = taken;
      this.#expectReading();
      return false;
    }
    return true;
  }

  #onClose(): void {
    this.#world.closed(this, {
      complete: this.#request === 'complete',
      takenBack: !this.#answered && !this.#aborted,
    });
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.gone(null);
  }
}
