import { type ClientCertificate, type Identity, identityOf } from './certificate.ts';
import { compileHosts } from './compile-hosts.ts';
import { preferredFirst } from './custom-certificate.ts';
import type { EdgeRateLimit, EdgeZone, EdgeZoneDelta, EdgeZoneRules, LevelState } from './edge-zone.ts';
import type { Hostname } from './ids.ts';
import { mapChange } from './map-change.ts';
import { revokedOrigins } from './origin-certificate.ts';
import { awaited } from './rotation.ts';
import type { RateLimit } from './rate-limit.ts';
import { compileAuthorities } from './visitor-authorities.ts';
import type { Zone } from './zone.ts';

/** A zone before a change, with what it was compiled to: what did not change is reused as it is. */
export interface Compiled {
  readonly zone: Zone;
  readonly edge: EdgeZone;
}

/**
 * What the edge needs of a zone. `shared` is the installation's identity for the global level. Given the previous
 * result, hostnames that did not change keep their identity as objects, so that one switch costs nothing per hostname.
 */
export function compile(zone: Zone, shared: Identity | null, previous: Compiled | null = null): EdgeZone {
  const before = previous && { lists: previous.zone.visitorAuthorities, compiled: previous.edge.authorities };
  return {
    rules: compileRules(zone, shared),
    hosts: compileHosts(zone, previous),
    authorities: compileAuthorities(zone.visitorAuthorities, before),
  };
}

/** What the edge must be told so that it gets from `before` to `after`; `null` stands for no zone. */
export function difference(before: EdgeZone | null, after: EdgeZone | null): EdgeZoneDelta | null {
  const named = after ?? before;
  if (named === null) return null;
  const { put, dropped } = changed(before?.hosts, after?.hosts);
  const authorities = changed(before?.authorities, after?.authorities);
  return {
    zone: named.rules.id,
    rules: after?.rules ?? null,
    put,
    dropped,
    ...(authorities.put.length + authorities.dropped.length === 0 ? {} : { authorities }),
  };
}

function changed<Value>(
  before: ReadonlyMap<Hostname, Value> = new Map(),
  after: ReadonlyMap<Hostname, Value> = new Map(),
) {
  const { put, dropped } = mapChange(before, after);
  return { put: put.map((name) => after.get(name)).filter((value) => value !== undefined), dropped };
}

function compileRules(zone: Zone, shared: Identity | null): EdgeZoneRules {
  return {
    id: zone.id,
    account: zone.account,
    name: zone.name,
    paused: zone.paused,
    ssl: zone.settings.ssl,
    alwaysUseHttps: zone.settings.alwaysUseHttps,
    visitorTls: zone.settings.minTlsVersion === '1.3' ? '1.3' : '1.2',
    compliance: zone.settings.compliance,
    zonePull: level(zone.settings.zonePull, zoneIdentity(zone)),
    globalPull: level(zone.settings.globalPull, shared),
    originCas: [...zone.trustStore.values()].map(({ certificate: { fingerprint, pem } }) => ({ fingerprint, pem })),
    customCertificates: preferredFirst(zone),
    revokedOrigins: revokedOrigins(zone),
    accessRules: [...zone.accessRules.values()].map(({ id, mode, network }) => ({ id, mode, network })),
    rateLimits: [...zone.rateLimits.values()].filter(({ disabled }) => !disabled).map(edgeRateLimit),
  };
}

function edgeRateLimit({ id, match, key, threshold, period, action, timeout }: RateLimit): EdgeRateLimit {
  return { id, match, key, threshold, period, action, timeout };
}

function level(on: boolean, identity: Identity | null): LevelState {
  return on ? { kind: 'on', identity } : { kind: 'off' };
}

/** The identity of the zone level: the newest upload, else the managed one. */
export function zoneIdentity(zone: Zone): Identity | null {
  const certificate = zoneCertificate(zone);
  return certificate === null ? null : identityOf(certificate);
}

/** The certificate behind the zone level, or `null` where there is none. */
export function zoneCertificate(zone: Zone): ClientCertificate | null {
  let best: ClientCertificate | null = null;
  for (const candidate of zone.certificates.values()) {
    if (
      candidate.level === 'zone' &&
      candidate.wish.kind === 'deploy' &&
      !awaited(zone.rotation, candidate.id) &&
      (best === null || outranks(candidate, best))
    ) {
      best = candidate;
    }
  }
  return best;
}

function outranks(candidate: ClientCertificate, best: ClientCertificate): boolean {
  if (candidate.source !== best.source) return candidate.source === 'uploaded';
  return candidate.wish.revision > best.wish.revision;
}
