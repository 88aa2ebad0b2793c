import type { ServerWorld } from '../http1/server-connection.ts';
import type { UnreadCode } from '../http1/unread-request.ts';
import type { ShownCertificate } from './shown-certificate.ts';
import type { Visitor } from './visitor.ts';

/** What a visitor's connection needs from its listener. */
export interface VisitorWorld extends ServerWorld {
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  /** Of the far end, or of whom it named in a PROXY header. */
  readonly address: string;
  /** Whether an address may speak for others in X-Forwarded-For; `null` where this far end may not. */
  readonly trusts: ((address: string) => boolean) | null;
  /** Version of TLS as Node names it; `null` over plain HTTP. */
  readonly tls: string | null;
  /** What the visitor showed in a handshake that asked; `null` where nothing was asked or shown. */
  readonly shown: ShownCertificate | null;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: UnreadCode, address: string, id: string) => void;
  /** A connection or stream is cut off for what its visitor does to the edge. */
  readonly cut: (because: CutReason, address: string) => void;
  readonly fault: (error: unknown, id: string) => void;
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
