import { identityOf } from './certificate.ts';
import type { Compiled } from './compile.ts';
import type { EdgeHost, Target } from './edge-zone.ts';
import { type Hostname, nearestOf, wildcardAbove } from './ids.ts';
import { mapChange } from './map-change.ts';
import { originAt, type OriginName } from './proof.ts';
import type { DnsRecord } from './record.ts';
import { isRunning, successor } from './rotation.ts';
import type { Zone } from './zone.ts';

/** The hostnames of a zone as edges need them. Given the previous result, only what was touched is looked at. */
export function compileHosts(zone: Zone, previous: Compiled | null): ReadonlyMap<Hostname, EdgeHost> {
  if (previous !== null) return recompileHosts(zone, previous);
  const hosts = new Map<Hostname, EdgeHost>();
  for (const [name, records] of recordsByName(zone)) hosts.set(name, compileHost(zone, name, records));
  return hosts;
}

/** The previous hosts with those in place of theirs that differ; the very same map where none does. */
function recompileHosts(zone: Zone, { zone: before, edge }: Compiled): ReadonlyMap<Hostname, EdgeHost> {
  const touched = touchedNames(before, zone);
  if (touched.size === 0) return edge.hosts;
  const names = recordsOf(zone, withWildcardsAbove(touched));
  let hosts: Map<Hostname, EdgeHost> | null = null;
  for (const name of touched) {
    const host = recompileHost(zone, name, names);
    const old = edge.hosts.get(name);
    if (host === undefined ? old === undefined : old !== undefined && sameHost(old, host)) continue;
    hosts ??= new Map(edge.hosts);
    if (host === undefined) hosts.delete(name);
    else hosts.set(name, host);
  }
  return hosts ?? edge.hosts;
}

function recompileHost(
  zone: Zone,
  name: Hostname,
  names: ReadonlyMap<Hostname, readonly DnsRecord[]>,
): EdgeHost | undefined {
  const above = () =>
    zone.associations.has(name) ? wildcardAbove(name, (wildcard) => names.get(wildcard)) : undefined;
  const records = names.get(name) ?? above();
  return records === undefined ? undefined : compileHost(zone, name, records);
}

/** The names whose hosts may differ, because something that they are made of is another object. */
function touchedNames(before: Zone, after: Zone): ReadonlySet<Hostname> {
  const touched = new Set<Hostname>();
  const records = mapChange(before.records, after.records);
  for (const id of [...records.put, ...records.dropped]) {
    for (const zone of [before, after]) {
      const record = zone.records.get(id);
      if (record !== undefined) touched.add(record.name);
    }
  }
  // What goes a wildcard's way changes with it.
  const bases = [...touched].filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  const certificates = mapChange(before.certificates, after.certificates);
  const changed = new Set([...certificates.put, ...certificates.dropped]);
  if (bases.length > 0 || changed.size > 0) {
    for (const { hostname, certificate } of after.associations.values()) {
      if (changed.has(certificate) || bases.some((base) => hostname.endsWith(base))) touched.add(hostname);
    }
  }
  const associations = mapChange(before.associations, after.associations);
  for (const hostname of [...associations.put, ...associations.dropped]) touched.add(hostname);
  for (const hostname of rotatedNames(before, after)) touched.add(hostname);
  return touched;
}

/** The names that one of two rotations has something to say about, where they differ. */
function rotatedNames({ rotation: before }: Zone, { rotation: after }: Zone): readonly Hostname[] {
  if (before === after) return [];
  const standings = [...(before?.standings.values() ?? []), ...(after?.standings.values() ?? [])];
  return standings.map(({ origin }) => origin.hostname);
}

/** The records that a hostname goes by: its own, else those of the nearest wildcard above it. */
export function recordsFor(zone: Zone, hostname: Hostname): readonly DnsRecord[] {
  const names = recordsOf(zone, withWildcardsAbove(new Set([hostname])));
  return nearestOf(names, hostname) ?? [];
}

function withWildcardsAbove(names: ReadonlySet<Hostname>): ReadonlySet<Hostname> {
  const all = new Set(names);
  for (const name of names) wildcardAbove(name, (wildcard) => void all.add(wildcard));
  return all;
}

function recordsOf(zone: Zone, names: ReadonlySet<Hostname>): ReadonlyMap<Hostname, readonly DnsRecord[]> {
  const found = new Map<Hostname, DnsRecord[]>();
  for (const record of zone.records.values()) if (names.has(record.name)) addTo(found, record);
  return found;
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
  for (const record of zone.records.values()) addTo(names, record);
  return names;
}

function addTo(names: Map<Hostname, DnsRecord[]>, record: DnsRecord): void {
  const known = names.get(record.name);
  if (known === undefined) names.set(record.name, [record]);
  else known.push(record);
}

function compileHost(zone: Zone, hostname: Hostname, records: readonly DnsRecord[]): EdgeHost {
  const targets = records.filter((record) => record.proxied).map((record) => target(zone, hostname, record));
  return { hostname, targets, pull: hostnamePull(zone, hostname) };
}

function target(zone: Zone, hostname: Hostname, record: DnsRecord): Target {
  const plain = { address: record.content, ...record.origin, mayBePrivate: record.mayBePrivate };
  const follows = succession(zone, originAt(hostname, plain));
  return follows === null ? plain : { ...plain, successor: follows };
}

/** What a rotation has an origin shown in place of what its hostname, or the zone, names. */
function succession(zone: Zone, origin: OriginName): Required<Target>['successor'] | null {
  const { rotation, certificates } = zone;
  if (!isRunning(rotation)) return null;
  const ofZone = () => rotation.successions.find(({ from }) => certificates.get(from)?.level === 'zone')?.from;
  const of = zone.associations.get(origin.hostname)?.certificate ?? ofZone();
  const to = of === undefined ? null : successor(rotation, origin, of);
  const certificate = to === null ? undefined : certificates.get(to);
  return of === undefined || certificate === undefined ? null : { of, identity: identityOf(certificate) };
}

/** What the owner of a zone said about one hostname. */
export function hostnamePull(zone: Zone, hostname: Hostname): EdgeHost['pull'] {
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
