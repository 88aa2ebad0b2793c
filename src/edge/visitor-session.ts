import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { REFUSALS, type RefusalCode } from '../http1/refusals.ts';
import { Allowance, type Rate } from '../http2/allowance.ts';
import { FRAME_BYTES, FRAME_RATES, listBytes, UPDATE_BYTES } from '../http2/frames.ts';
import { parseRequestList } from '../http2/request-head.ts';
import { resetStream } from '../http2/reset-stream.ts';

import { pageReply } from './pages.ts';
import { sendReply } from './reply-list.ts';
import { type StreamEnd, type StreamWorld, VisitorStream } from './visitor-stream.ts';
import type { CutReason, OpenConnection, VisitorWorld } from './visitor-world.ts';
import { Visits } from './visits.ts';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

const MAX_STREAMS = 100;
const MAX_STREAM_ID = 2 ** 31 - 1;
const END_STREAM = 0x1;
const STREAM_WINDOW = 65_535;
// All streams of a session together: bodies wait here while their origins are connected to.
const SESSION_WINDOW = 1_048_576;

// What node:http2 bounds by itself, tighter than its defaults where those were made for trusted peers.
const OPTIONS = {
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxSettings: 32,
  // Crumbs of a cookie come as a field each; what is left once they are joined is judged by the limit for HTTP/1.1.
  maxHeaderListPairs: 512,
  maxSessionMemory: 10,
  streamResetBurst: 400,
  streamResetRate: 40,
  // Values that begin or end with a space are refused by us, where nghttp2 would drop the field and say nothing.
  strictFieldWhitespaceValidation: false,
  // Of what origins send, HTTP/1.1 visitors get every line: so do these.
  strictSingleValueFields: false,
  // Above the heads that origins may send: what node:http2 will not send ends the stream without an answer.
  maxSendHeaderBlockLength: 131_072,
  settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: 65_536, initialWindowSize: STREAM_WINDOW },
} as const;

const RATES = {
  // A browser that leaves a page takes back all that is under way, and perhaps twice.
  resets: { burst: 2 * MAX_STREAMS, perSecond: 20 },
  ...FRAME_RATES,
} as const satisfies Record<string, Rate>;

/** Every this many bytes sent, an honest visitor may say once that it took them. */
const BYTES_PER_UPDATE = 2_048;

/** The server's side of one HTTP/2 connection. */
export class VisitorSession implements OpenConnection {
  readonly #socket: TLSSocket;
  readonly #session: ServerHttp2Session;
  readonly #world: VisitorWorld;
  readonly #streamWorld: StreamWorld;
  readonly #streams = new Set<VisitorStream>();
  readonly #allowances: Readonly<Record<keyof typeof RATES, Allowance>>;
  /** Bytes that arrived in frames which carried fields or a body. */
  #useful = 0;
  /** Bytes that arrived in all others, as far as the last tick saw. */
  #overhead = 0;
  #state: 'open' | 'draining' | 'leaving' = 'open';
  /** When a session without streams, or one that is leaving, has been so for too long. */
  #deadline: number;

  constructor(socket: TLSSocket, world: VisitorWorld) {
    const now = world.clock();
    this.#socket = socket;
    this.#world = world;
    this.#deadline = now + world.limits.headTimeout;
    this.#allowances = {
      resets: new Allowance(RATES.resets, now),
      pings: new Allowance(RATES.pings, now),
      settings: new Allowance(RATES.settings, now),
      overhead: new Allowance(RATES.overhead, now),
    };
    this.#streamWorld = {
      ...world,
      visits: new Visits(world),
      carried: (bytes) => {
        this.#useful += bytes + FRAME_BYTES;
      },
      closed: (stream, end) => this.#streamClosed(stream, end),
      drain: () => this.drain(),
    };
    this.#session = performServerHandshake(socket, OPTIONS);
    this.#session.setLocalWindowSize(SESSION_WINDOW);
    this.#session.on('stream', (stream, _fields, flags, raw) => this.#onStream(stream, flags, raw));
    this.#session.on('ping', () => this.#spend('pings', 1));
    this.#session.on('remoteSettings', () => this.#spend('settings', 1));
    this.#session.on('error', (error) => this.#onError(error));
    // Over TLS nobody closes one side alone: an origin should not work for somebody who has left.
    socket.on('end', () => this.destroy());
  }

  tick(now: number): void {
    this.#weigh();
    for (const stream of this.#streams) {
      const because = stream.overdue(now);
      if (because === null) continue;
      this.#world.cut(because, this.#world.address);
      if (because === 'body_timeout') stream.giveUpBody();
      else stream.cut();
    }
    if (now < this.#deadline) return;
    if (this.#state === 'leaving') this.#socket.destroy();
    else if (this.#state === 'draining' || this.#streams.size === 0) this.#leave();
  }

  /** In HTTP/2 the warning is a frame of its own, and so the same as draining. */
  leave(): void {
    this.drain();
  }

  /** RFC 9113 §6.8: first says that the end is near, and takes what was sent before the visitor could know. */
  drain(): void {
    if (this.#state !== 'open' || this.#session.destroyed) return;
    this.#state = 'draining';
    this.#deadline = this.#world.clock() + this.#world.limits.lingerTimeout;
    this.#session.goaway(NGHTTP2_NO_ERROR, MAX_STREAM_ID);
    this.#session.ping((error) => {
      if (error === null) this.#leave();
    });
  }

  destroy(): void {
    this.#end(NGHTTP2_NO_ERROR);
    // What tells the visitor that answers were cut short is still on its way: without it they would look whole.
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), this.#world.limits.lingerTimeout).unref();
  }

  /** Takes no other stream; ends once those under way have. */
  #leave(): void {
    this.#state = 'leaving';
    this.#deadline =
      this.#streams.size === 0 ? this.#world.clock() + this.#world.limits.lingerTimeout : Number.POSITIVE_INFINITY;
    this.#session.close();
  }

  #onStream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    stream.on('error', ignore);
    this.#useful += listBytes(raw);
    const id = this.#world.nextId();
    try {
      this.#begin(stream, { id, ended: (flags & END_STREAM) !== 0, raw });
    } catch (error) {
      this.#world.fault(error, id);
      resetStream(stream, NGHTTP2_INTERNAL_ERROR);
    }
  }

  #begin(stream: ServerHttp2Stream, { id, ended, raw }: Arrived): void {
    const head = parseRequestList(raw, { scheme: this.#world.scheme, ended });
    if (head.kind === 'refusal') return this.#refuse(stream, head.code, { id, ended, raw });
    const visitor = new VisitorStream(stream, { head, id }, this.#streamWorld);
    this.#streams.add(visitor);
    this.#world.handle(visitor);
  }

  #refuse(stream: ServerHttp2Stream, code: RefusalCode, { id, raw }: Arrived): void {
    this.#world.refused(code, this.#world.address, id);
    this.#useful += STREAM_WINDOW;
    const { status, text } = REFUSALS[code];
    sendReply(stream, pageReply({ status, code, text: `${text}.` }, { accept: undefined, id }), !asksForHead(raw));
    stream.close(NGHTTP2_NO_ERROR);
  }

  #streamClosed(stream: VisitorStream, { complete, takenBack }: StreamEnd): void {
    this.#streams.delete(stream);
    if (!complete) this.#useful += STREAM_WINDOW;
    const { idleTimeout, lingerTimeout } = this.#world.limits;
    if (this.#streams.size === 0) {
      this.#deadline = this.#world.clock() + (this.#state === 'open' ? idleTimeout : lingerTimeout);
    }
    if (takenBack) this.#spend('resets', 1);
  }

  // Window updates and frames of unknown types raise no event: what is left of the bytes that arrived, once all that was of
  // use and all that honest visitors send besides is taken off, is such frames.
  #weigh(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    let total = bytesRead - this.#useful - Math.ceil(bytesWritten / BYTES_PER_UPDATE) * UPDATE_BYTES;
    for (const stream of this.#streams) total -= stream.unread;
    const grown = total - this.#overhead;
    this.#overhead = total;
    if (grown > 0) this.#spend('overhead', grown);
  }

  #spend(kind: keyof typeof RATES, amount: number): void {
    if (!this.#allowances[kind].take(amount, this.#world.clock())) this.#cut(kind);
  }

  #cut(because: CutReason): void {
    if (this.#session.destroyed) return;
    this.#world.cut(because, this.#world.address);
    this.#deadline = this.#world.clock() + this.#world.limits.lingerTimeout;
    this.#state = 'leaving';
    this.#end(NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #end(code: number): void {
    for (const stream of this.#streams) stream.cut();
    this.#session.destroy(undefined, code);
  }

  // Of all that can go wrong, what the visitor's frames did is worth a line in the log; a connection that broke is not.
  #onError(error: NodeJS.ErrnoException): void {
    const because = cutReason(error);
    if (because !== null) this.#world.cut(because, this.#world.address);
    this.#deadline = this.#world.clock() + this.#world.limits.lingerTimeout;
    this.#state = 'leaving';
  }
}

// nghttp2's names for what it does not put up with.
const NGHTTP2_ERR_FLOODED = -904;
const NGHTTP2_ERR_TOO_MANY_CONTINUATIONS = -905;

function cutReason({ code, errno }: NodeJS.ErrnoException): CutReason | null {
  if (code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES') return 'invalid_frames';
  if (code !== 'ERR_HTTP2_ERROR') return null;
  if (errno === NGHTTP2_ERR_FLOODED) return 'flood';
  return errno === NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ? 'continuations' : 'protocol_error';
}

/** A header list as `node:http2` hands it over. */
interface Arrived {
  readonly id: string;
  readonly ended: boolean;
  readonly raw: readonly string[];
}

function asksForHead(raw: readonly string[]): boolean {
  return raw[raw.indexOf(':method') + 1] === 'HEAD';
}

function ignore(): void {
  return;
}
