import { createHash } from 'node:crypto';
import type { Identity } from '../domain/certificate.ts';
import type { Compliance } from '../domain/compliance.ts';
import type { Target } from '../domain/edge-zone.ts';
import type { Fingerprint, Hostname, ZoneId } from '../domain/ids.ts';
import { type OriginCheck, type PullPlan, type Scheme, shownTo } from '../domain/plan.ts';

/** One way into an origin, with everything that a connection to it is bound to. */
export interface Door {
  readonly zone: ZoneId;
  /** For whom it was asked: tells whether a plan still leads here. Not part of the key, since names may share a door. */
  readonly hostname: Hostname;
  readonly scheme: Scheme;
  /** IP address or name. */
  readonly address: string;
  readonly port: number;
  /** Whether the address may be, or lead to, a private one. */
  readonly mayBePrivate: boolean;
  /** A socket file in place of address and port: only a guard has such doors, no record ever names one. */
  readonly socketFile?: string;
  readonly tls: DoorTls | null;
}

/** What a TLS connection to an origin names, shows and checks. */
export interface DoorTls {
  readonly serverName: Hostname;
  readonly identity: Identity | null;
  readonly check: OriginCheck;
  /** What limits the key exchange. */
  readonly compliance: Compliance;
  /** Whether HTTP/2 is offered; the origin chooses. */
  readonly http2: boolean;
}

/** The plans that lead to an origin. */
export type Pulling = Extract<PullPlan, { kind: 'plaintext' | 'without' | 'present' }>;

/** The door behind one target of a plan, for a visit to `hostname` over `scheme`. */
export function door(plan: Pulling, target: Target, hostname: Hostname, scheme: Scheme): Door {
  const { address, mayBePrivate } = target;
  const asked = { zone: plan.zone, hostname, scheme, address, mayBePrivate };
  if (plan.kind === 'plaintext') return { ...asked, port: target.httpPort, tls: null };
  const { check, compliance } = plan;
  const identity = plan.kind === 'present' ? shownTo(target, plan.identity) : null;
  const serverName = target.serverName ?? hostname;
  return { ...asked, port: target.httpsPort, tls: { serverName, identity, check, compliance, http2: target.http2 } };
}

/** The same way for what HTTP/2 does not carry: a change of protocol (RFC 9113 §8.6). */
export function withoutHttp2(door: Door): Door {
  return door.tls === null ? door : { ...door, tls: { ...door.tls, http2: false } };
}

/**
 * The full identity of a connection, as text: two pulls may share a connection or a TLS session only where all of this
 * is equal. Leaving out any part has let one tenant's requests travel under another's certificate elsewhere.
 */
export function doorKey({ zone, address, port, mayBePrivate, socketFile, tls }: Door): string {
  if (socketFile !== undefined) return `unix|${zone}|${socketFile}`;
  const place = `${zone}|${mayBePrivate ? 'any' : 'public'}|${address}|${port}`;
  if (tls === null) return `http|${place}`;
  const { serverName, identity, check, compliance, http2 } = tls;
  const shown = identity === null ? '-' : identity.fingerprint;
  const trust =
    check.kind === 'none'
      ? 'none'
      : `strict:${check.cas.map((ca) => ca.fingerprint).join(',')}${revokedName(check.revoked)}`;
  return `${http2 ? 'h2' : 'https'}|${place}|${serverName}|${shown}|${compliance}|${trust}`;
}

// Connections made before a revocation must not outlive it; the list may be long, so it goes by its digest.
function revokedName(revoked: readonly Fingerprint[]): string {
  return revoked.length === 0 ? '' : `|${createHash('sha256').update(revoked.join(',')).digest('hex')}`;
}
