import { type ClientCertificate, type Identity, identityOf } from './certificate.ts';
import type { EdgeHost, EdgeZone, EdgeZoneDelta, EdgeZoneRules, LevelState, Target } from './edge-zone.ts';
import { type Hostname, wildcardAbove } from './ids.ts';
import type { DnsRecord } from './record.ts';
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
  return { rules: compileRules(zone, shared), hosts: compileHosts(zone, previous) };
}

/** What the edge must be told so that it gets from `before` to `after`; `null` stands for no zone. */
export function difference(before: EdgeZone | null, after: EdgeZone | null): EdgeZoneDelta | null {
  const named = after ?? before;
  if (named === null) return null;
  const old = before?.hosts ?? new Map<Hostname, EdgeHost>();
  const now = after?.hosts ?? new Map<Hostname, EdgeHost>();
  const put = old === now ? [] : [...now.values()].filter((host) => old.get(host.hostname) !== host);
  const dropped = old === now ? [] : [...old.keys()].filter((name) => !now.has(name));
  return { zone: named.rules.id, rules: after?.rules ?? null, put, dropped };
}

function compileRules(zone: Zone, shared: Identity | null): EdgeZoneRules {
  return {
    id: zone.id,
    account: zone.account,
    name: zone.name,
    paused: zone.paused,
    ssl: zone.settings.ssl,
    alwaysUseHttps: zone.settings.alwaysUseHttps,
    zonePull: level(zone.settings.zonePull, zoneIdentity(zone)),
    globalPull: level(zone.settings.globalPull, shared),
    originCas: [...zone.trustStore.values()].map(({ certificate: { fingerprint, pem } }) => ({ fingerprint, pem })),
  };
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

function compileHosts(zone: Zone, previous: Compiled | null): ReadonlyMap<Hostname, EdgeHost> {
  if (previous !== null && sameHostInputs(zone, previous.zone)) return previous.edge.hosts;
  const hosts = new Map<Hostname, EdgeHost>();
  for (const [name, records] of recordsByName(zone)) {
    const host = compileHost(zone, name, records);
    const old = previous?.edge.hosts.get(name);
    hosts.set(name, old !== undefined && sameHost(old, host) ? old : host);
  }
  return hosts;
}

function sameHostInputs(a: Zone, b: Zone): boolean {
  return a.records === b.records && a.associations === b.associations && a.certificates === b.certificates;
}

/**
 * The records of each name that the edge must know: those that have records, and those that have an association and
 * are served by a wildcard above them (the association is theirs alone, the way to the origin is the wildcard's).
 */
function recordsByName(zone: Zone): Map<Hostname, DnsRecord[]> {
  const names = ownRecords(zone);
  for (const { hostname } of zone.associations.values()) {
    if (names.has(hostname)) continue;
    const above = wildcardAbove(hostname, (name) => names.get(name));
    if (above !== undefined) names.set(hostname, above);
  }
  return names;
}

function ownRecords(zone: Zone): Map<Hostname, DnsRecord[]> {
  const names = new Map<Hostname, DnsRecord[]>();
  for (const record of zone.records.values()) {
    const known = names.get(record.name);
    if (known === undefined) names.set(record.name, [record]);
    else known.push(record);
  }
  return names;
}

function compileHost(zone: Zone, hostname: Hostname, records: readonly DnsRecord[]): EdgeHost {
  const targets = records.filter((record) => record.proxied).map(target);
  return { hostname, targets, pull: hostnamePull(zone, hostname) };
}

function target(record: DnsRecord): Target {
  return { address: record.content, ...record.origin };
}

function hostnamePull(zone: Zone, hostname: Hostname): EdgeHost['pull'] {
  const association = zone.associations.get(hostname);
  if (association === undefined) return { kind: 'inherit' };
  if (association.kind === 'veto') return { kind: 'veto' };
  const certificate = zone.certificates.get(association.certificate);
  const usable = certificate !== undefined && certificate.wish.kind === 'deploy';
  return { kind: 'present', identity: usable ? identityOf(certificate) : null };
}

function sameHost(a: EdgeHost, b: EdgeHost): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
