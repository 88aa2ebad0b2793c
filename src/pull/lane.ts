import type { Socket } from 'node:net';
import type { Fields } from '../http1/fields.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Tunnel } from '../http1/splice.ts';
import type { PullFailure } from './failure.ts';
import type { Opening } from './open.ts';
import type { OriginRequest } from './origin-request.ts';

/** One request and what comes back for it. Every exchange ends with exactly one of `ended`, `switched` and `failed`. */
export interface Exchange {
  readonly method: string;
  /** The protocol that the request asks to change to, lower-case. */
  readonly upgrade: string | null;
  interim(head: ResponseHead): void;
  answered(head: ResponseHead): void;
  /** Payload without its framing. The bytes are valid until this returns. */
  data(chunk: Buffer): void;
  /** All bytes that have arrived so far are handed over: time to flush. */
  paused(): void;
  ended(trailers: Fields): void;
  /** The origin has changed to the protocol asked for. The connection is the receiver's. */
  switched(head: ResponseHead, tunnel: Tunnel): void;
  failed(failure: PullFailure, reach: Reach): void;
  /** The connection takes more of the request's body. */
  drained(): void;
}

/**
 * How far a request had come when it failed: a byte of its answer had arrived, or nothing is known, or the origin has said
 * that it did not act on it (RFC 9113 §8.7).
 */
export type Reach = 'begun' | 'unknown' | 'unprocessed';

/** A place on a connection for one request: what a pool lends. */
export interface Lane {
  /** Version of HTTP. */
  readonly protocol: '1.1' | '2';
  /** Address and port that it leads to; empty where the socket had closed before anybody asked. */
  readonly address: string;
  readonly opening: Opening;
  /** How many requests the connection had carried before. */
  readonly earlier: number;
  /** Since when it has no request, on the pool's clock. */
  readonly idleSince: number;
  /** Sends a request's head and begins to read the answer. */
  send(request: OriginRequest, exchange: Exchange): void;
  /** Sends a piece of the request's body. False asks to wait for `drained`. */
  write(piece: Buffer): boolean;
  /** Ends the request's body. */
  endBody(trailers: Fields): void;
  /** Stops reading the answer until `resume`: the receiver is slower than the origin. */
  pause(): void;
  resume(): void;
  /** Gives back what was lent and not used. */
  giveBack(): void;
  /** Takes the request back at once. An exchange under way fails. */
  destroy(): void;
}

/** What a connection needs from its pool. Times in milliseconds. */
export interface ConnectionWorld<Connection> {
  readonly opening: Opening;
  readonly answerTimeout: number;
  /** On the pool's clock: from then on it takes no request any more. */
  readonly retireAt: number;
  readonly clock: () => number;
  readonly session: (ticket: Buffer) => void;
  /** The first answer has begun: whatever the origin checks, this connection has passed. */
  readonly proved: () => void;
  /** The first request met this before a byte of an answer, as a late refusal of the handshake does. */
  readonly unproved: (failure: PullFailure) => void;
  /** An exchange is over: the connection takes another. */
  readonly free: (connection: Connection) => void;
  readonly closed: (connection: Connection) => void;
}

/** More than a handful of 1xx before an answer is an origin gone wrong. */
export const MAX_INTERIM = 16;

/** Where a socket leads to, as address and port. */
export function farEnd({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined) return '';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
