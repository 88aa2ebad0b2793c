/**
 * A header by which a proxy says who made a request, signed with a key that it shares with the application: for a few
 * seconds, for one request, on one connection.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Via } from '../domain/admit.ts';
import type { Level } from '../domain/certificate.ts';
import { fingerprint } from '../domain/ids.ts';
import { jsonObject } from '../wire/json-object.ts';
import type { LockRefusalCode } from './lock-refusals.ts';

/** The field that carries it. The edge and the guard take it out of what visitors send, like all `X-Postern-*`. */
export const SIGNED_PULL = 'X-Postern-Pull';

/** The least bytes of a key: those of the digest (RFC 2104 §3). */
export const LEAST_KEY = 32;
/** How old a signature may be; clocks may differ by as much. */
const MOST_AGE = 10_000;
const MOST_CHARACTERS = 4_096;
const VERSION = 'v1';

/** What the signature is bound to. */
export interface SignedRequest {
  readonly method: string;
  /** The Host field, or `:authority`, as sent. */
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  /** The signer's end of the connection, `address:port`; `null` over a Unix socket. */
  readonly connection: string | null;
}

/** Who makes the request, as the signer has verified. */
export interface SignedCaller {
  readonly via: Via;
  readonly zone: string | null;
  readonly fingerprint: string | null;
  readonly subject: string | null;
  readonly level: Level | null;
}

/** The field's value for one request. Throws for a short key. `now` in milliseconds. */
export function signPull(key: Uint8Array, request: SignedRequest, caller: SignedCaller, now: number): string {
  if (key.length < LEAST_KEY) throw new RangeError(`the key has fewer than ${LEAST_KEY} bytes`);
  const nonce = randomBytes(16).toString('base64url');
  const said = Buffer.from(JSON.stringify({ t: now, n: nonce, ...caller }), 'utf8').toString('base64url');
  return `${VERSION}.${said}.${macOf(key, request, said).toString('base64url')}`;
}

/** The end of a connection that whoever sends on it signs for. */
export function ownEnd(socket: Pick<Socket, 'localAddress' | 'localPort'>): string | null {
  return end(socket.localAddress, socket.localPort);
}

/** The same as the other side sees it. */
export function otherEnd(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): string | null {
  return end(socket.remoteAddress, socket.remotePort);
}

/** What a value says, where its signature holds; or why it counts for nothing. */
export type ReadSigned =
  | { readonly kind: 'signed'; readonly caller: SignedCaller; readonly at: number; readonly nonce: string }
  | { readonly kind: 'refused'; readonly because: LockRefusalCode };

/** Reads a value. One that was signed with any of the keys holds, so that a key can be replaced. */
export function readSigned(
  value: string,
  request: SignedRequest,
  keys: readonly Uint8Array[],
  now: number,
): ReadSigned {
  const [, said = '', mac = ''] = /^v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
  if (said === '' || value.length > MOST_CHARACTERS) return { kind: 'refused', because: 'field_malformed' };
  const given = Buffer.from(mac, 'base64url');
  // All keys are tried, whichever fits: which one it was shall not be told by the time it takes.
  const fitting = keys.filter((key) => timingSafeEqual(macOf(key, request, said), given));
  if (fitting.length === 0) return { kind: 'refused', because: 'signature_wrong' };
  const read = contents(said);
  if (read === null) return { kind: 'refused', because: 'field_malformed' };
  return Math.abs(now - read.at) > MOST_AGE ? { kind: 'refused', because: 'signature_stale' } : read;
}

/** Remembers which signatures were used while they could be used again. Full, it refuses rather than forgets. */
export class ReplayWindow {
  readonly #until = new Map<string, number>();
  readonly #most: number;

  constructor(most = 100_000) {
    this.#most = most;
  }

  /** Takes a signature that was read; says why it must not count, or `null`. */
  use({ nonce, at }: { readonly nonce: string; readonly at: number }, now: number): LockRefusalCode | null {
    for (const [known, until] of this.#until) {
      if (until >= now) break;
      this.#until.delete(known);
    }
    if (this.#until.has(nonce)) return 'signature_replayed';
    if (this.#until.size >= this.#most) return 'window_full';
    // In the order of arrival: one from a clock that is ahead keeps those behind it a little longer.
    this.#until.set(nonce, Math.max(now, at) + MOST_AGE);
    return null;
  }
}

function macOf(key: Uint8Array, { method, host, target, connection }: SignedRequest, said: string): Buffer {
  // None of them can hold a line feed: HTTP ends there.
  const signed = ['postern-pull', VERSION, method, host.toLowerCase(), target, connection ?? '-', said].join('\n');
  return createHmac('sha256', key).update(signed, 'utf8').digest();
}

function end(address: string | undefined, port: number | undefined): string | null {
  if (address === undefined || port === undefined) return null;
  // A listener on both families sees IPv4 in IPv6's clothes (RFC 4291 §2.5.5.2).
  return `${address.replace(/^::ffff:(?=\d+\.)/i, '')}:${port}`;
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isLevel(value: unknown): value is Level | null {
  return value === null || value === 'hostname' || value === 'zone' || value === 'global';
}

function contents(said: string): Extract<ReadSigned, { kind: 'signed' }> | null {
  const value = jsonObject(Buffer.from(said, 'base64url').toString('utf8'));
  if (value === null) return null;
  const { t, n, via, zone, level, subject, fingerprint: shown } = value;
  const print = typeof shown === 'string' ? fingerprint(shown) : null;
  if (typeof t !== 'number' || !Number.isSafeInteger(t) || typeof n !== 'string' || n.length !== 22) return null;
  if ((via !== 'edge' && via !== 'own') || !isText(zone) || !isText(subject) || !isLevel(level)) return null;
  if (print === null && shown !== null) return null;
  return { kind: 'signed', at: t, nonce: n, caller: { via, zone, subject, level, fingerprint: print } };
}
