import type { Socket } from 'node:net';
import type { RefusalCode } from '../http1/refusals.ts';
import type { Visitor } from './responder.ts';
import type { ShownCertificate } from './shown-certificate.ts';

/** Why a request was not read whole: what is wrong with it, or that it did not come in time. */
export type UnreadCode = RefusalCode | 'head_timeout' | 'body_timeout';

/** What a visitor's connection needs from its listener. */
export interface VisitorWorld {
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  /** Of the far end, or of whom it named in a PROXY header. */
  readonly address: string;
  /** The TCP connection itself, below TLS. */
  readonly carrier: Socket;
  /** Whether an address may speak for others in X-Forwarded-For; `null` where this far end may not. */
  readonly trusts: ((address: string) => boolean) | null;
  /** Version of TLS as Node names it; `null` over plain HTTP. */
  readonly tls: string | null;
  /** What the visitor showed in a handshake that asked; `null` where nothing was asked or shown. */
  readonly shown: ShownCertificate | null;
  readonly nextId: () => string;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: UnreadCode, address: string, id: string) => void;
  /** A connection or stream is cut off for what its visitor does to the edge. */
  readonly cut: (because: CutReason, address: string) => void;
  readonly fault: (error: unknown, id: string) => void;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly limits: VisitorLimits;
}

/** One connection of a visitor, whatever it speaks. */
export interface OpenConnection {
  /** Called about once a second: ends what takes too long. */
  tick(now: number): void;
  /** Says with the next answer that the end is near, and goes on until then. */
  leave(): void;
  /** Lets requests under way finish and takes no others. */
  drain(): void;
  destroy(): void;
}

/** Why a visitor was cut off. */
export type CutReason =
  /** Requests taken back by the hundred: each costs its sender nothing and the origin a request. */
  | 'resets'
  | 'pings'
  | 'settings'
  /** Frames that carry neither fields nor a body. */
  | 'overhead'
  /** What `node:http2` noticed by itself: frames that ask for answers, frames that are wrong, heads without end. */
  | 'flood'
  | 'invalid_frames'
  | 'continuations'
  | 'protocol_error'
  /** A peer that begins with something else than the PROXY header that it must send. */
  | 'proxy_header'
  /** A request's body that comes too slowly. */
  | 'body_timeout'
  /** An answer that nobody takes. */
  | 'reader_stalled';

/** How long a visitor may take, in milliseconds, and how slow it may be. */
export interface VisitorLimits {
  readonly headTimeout: number;
  readonly idleTimeout: number;
  readonly bodyTimeout: number;
  /** How long a visitor may leave what it is sent unread. */
  readonly unreadTimeout: number;
  /** How long a body may take before the rate below counts, in milliseconds. */
  readonly bodyGrace: number;
  /** Bytes per second that a body must come with, all in all. */
  readonly minBodyRate: number;
  /** How long nothing may move on a connection that has changed to another protocol. */
  readonly tunnelTimeout: number;
  /** How long what still arrives is thrown away after the last answer, so that the visitor gets to read that answer. */
  readonly lingerTimeout: number;
}

export const DEFAULT_VISITOR_LIMITS: VisitorLimits = {
  headTimeout: 10_000,
  idleTimeout: 75_000,
  bodyTimeout: 60_000,
  unreadTimeout: 60_000,
  bodyGrace: 60_000,
  minBodyRate: 256,
  tunnelTimeout: 300_000,
  lingerTimeout: 2_000,
};
