/** What an application is told about a request that came through its lock. */

import type { Admission, Peer, Via } from '../domain/admit.ts';
import type { Level, X509Facts } from '../domain/certificate.ts';
import { type Hostname, hostnamePattern, wildcardAbove } from '../domain/ids.ts';
import type { RefusalReason } from './lock-refusals.ts';
import type { LockPolicy } from './policy.ts';

/** Who made a request. */
interface Caller {
  /** The name of the zone that the lock is for; `null` where its owner named none. */
  readonly zone: string | null;
  /** The name that was asked for, in the handshake and in the request. */
  readonly hostname: string | null;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string | null;
  readonly subject: string | null;
  /** Whose identity it is, as far as the certificate says so; `null` for an uploaded one and for own callers. */
  readonly level: Level | null;
}

/** `verified` only where a certificate was seen to be right in this very connection, or by somebody who is believed. */
export type OriginPull =
  | (Caller & { readonly verified: true; readonly via: Via; readonly because: null })
  /** In watch mode only: otherwise such a request does not reach the application. */
  | (Caller & { readonly verified: false; readonly via: null; readonly because: RefusalReason });

/** What the application is told of somebody who was let in. */
export function originPull(
  { peer: fingerprint, via }: Extract<Admission, { kind: 'admit' }>,
  { leaf, sni }: Peer,
  { zone, trust }: LockPolicy,
): OriginPull {
  const level = via === 'edge' && leaf !== null ? levelOf(leaf, sni, trust) : null;
  const subject = leaf?.subject ?? null;
  return { verified: true, via, because: null, zone, hostname: sni, fingerprint, subject, level };
}

/** A caller of whom nothing is known. */
export function nobody(zone: string | null, hostname: string | null): Caller {
  return { zone, hostname, fingerprint: null, subject: null, level: null };
}

/** The level of an identity that Postern manages: hostname identities name their hosts, zone identities only their zone. */
export function levelOf(leaf: X509Facts, asked: Hostname | null, trust: LockPolicy['trust']): Level | null {
  if (trust === 'shared') return 'global';
  const names = new Set(leaf.dnsNames.map((name) => hostnamePattern(name)));
  const own = (name: Hostname) => (names.has(name) ? name : undefined);
  if (asked !== null && (own(asked) ?? wildcardAbove(asked, own)) !== undefined) return 'hostname';
  return leaf.uris.some((uri) => /^postern:\/\/[^/]+\/zone\/[0-9a-f]{32}$/.test(uri)) ? 'zone' : null;
}
