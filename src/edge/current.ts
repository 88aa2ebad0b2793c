import type { EdgeAuthorities, EdgeConfig, EdgeHost, EdgeZoneDelta, EdgeZoneRules } from '../domain/edge-zone.ts';
import { type CertificateId, type Hostname, type Revision, revision, type ZoneId } from '../domain/ids.ts';
import { nearestList } from '../domain/visitor-authorities.ts';

/** The one mutable cell of an edge: the configuration in force. Everybody else reads it as an `EdgeConfig`. */
export interface Current extends EdgeConfig {
  /** True until there was a first configuration: an edge that serves nobody. */
  readonly empty: boolean;
  /** Puts a whole configuration in the place of the present one. Throws where it contradicts itself, and changes nothing. */
  readonly replace: (to: Revision, zones: readonly EdgeZoneDelta[]) => void;
  /** Applies what changed. Throws where the deltas do not follow from the present state, and then changes nothing. */
  readonly apply: (to: Revision, zones: readonly EdgeZoneDelta[]) => void;
  /** The zone that a name lies in: its own or the nearest above. */
  readonly holder: (name: Hostname) => EdgeZoneRules | undefined;
  readonly hold: (certificate: CertificateId) => void;
  readonly release: (certificate: CertificateId) => void;
}

type Entry = { readonly zone: ZoneId; readonly host: EdgeHost };
type ListEntry = { readonly zone: ZoneId; readonly list: EdgeAuthorities };

/** An empty configuration: serves nobody until the control plane has spoken. */
export function createCurrent(): Current {
  let inForce = revision(0);
  let empty = true;
  const zones = new Map<ZoneId, EdgeZoneRules>();
  const hosts = new Map<Hostname, Entry>();
  const keys = new Set<CertificateId>();
  const names = new Map<string, ZoneId>();
  const lists = new Map<Hostname, ListEntry>();

  const fold = (to: Revision, deltas: readonly EdgeZoneDelta[]): void => {
    for (const delta of deltas) {
      for (const name of delta.dropped) if (hosts.get(name)?.zone === delta.zone) hosts.delete(name);
      for (const host of delta.put) hosts.set(host.hostname, { zone: delta.zone, host });
      foldLists(lists, delta);
      const before = zones.get(delta.zone);
      if (before !== undefined && names.get(before.name) === delta.zone) names.delete(before.name);
      if (delta.rules === null) zones.delete(delta.zone);
      else {
        zones.set(delta.zone, delta.rules);
        names.set(delta.rules.name, delta.zone);
      }
    }
    inForce = to;
    empty = false;
  };

  return {
    get revision() {
      return inForce;
    },
    get empty() {
      return empty;
    },
    zones,
    hosts,
    keys,
    replace: (to, deltas) => {
      const fault = clash(deltas);
      if (fault !== null) throw new Error(fault);
      zones.clear();
      hosts.clear();
      names.clear();
      lists.clear();
      fold(to, deltas);
    },
    apply: (to, deltas) => {
      const fault = deltas.map((delta) => misfit(delta, to, { inForce, hosts, lists })).find((found) => found !== null);
      if (fault !== undefined) throw new Error(fault);
      fold(to, deltas);
    },
    holder: (name) => {
      const id = nearest(names, name);
      return id === undefined ? undefined : zones.get(id);
    },
    asked: (name) => {
      if (lists.size === 0) return null;
      const found = nearestList(lists, name);
      // A wildcard ends where another zone begins: that one asks for itself.
      return found !== undefined && nearest(names, name) === found.zone ? found.list : null;
    },
    hold: (certificate) => {
      keys.add(certificate);
    },
    release: (certificate) => {
      keys.delete(certificate);
    },
  };
}

function foldLists(lists: Map<Hostname, ListEntry>, { zone, authorities }: EdgeZoneDelta): void {
  for (const name of authorities?.dropped ?? []) if (lists.get(name)?.zone === zone) lists.delete(name);
  for (const list of authorities?.put ?? []) lists.set(list.hostname, { zone, list });
}

function nearest(names: ReadonlyMap<string, ZoneId>, name: string): ZoneId | undefined {
  for (let rest = name; rest !== ''; rest = rest.includes('.') ? rest.slice(rest.indexOf('.') + 1) : '') {
    const found = names.get(rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Present {
  readonly inForce: Revision;
  readonly hosts: ReadonlyMap<Hostname, Entry>;
  readonly lists: ReadonlyMap<Hostname, ListEntry>;
}

// A delta that would hand one zone's hostname to another, or that arrives out of order, is a fault of its sender: the
// last good state stays in force.
function misfit(delta: EdgeZoneDelta, to: Revision, { inForce, hosts, lists }: Present): string | null {
  if (to <= inForce) return `revision ${to} does not follow ${inForce}`;
  const zone = delta.rules;
  const named = namedBy(delta);
  if (zone === null) return named.length === 0 ? null : `zone ${delta.zone} is dropped and has hostnames`;
  for (const name of named) {
    for (const owner of [hosts.get(name)?.zone, lists.get(name)?.zone]) {
      if (owner !== undefined && owner !== delta.zone) return `${name} belongs to another zone`;
    }
    if (name !== zone.name && !name.endsWith(`.${zone.name}`)) return `${name} is not in ${zone.name}`;
  }
  return null;
}

function clash(deltas: readonly EdgeZoneDelta[]): string | null {
  const owners = new Map<Hostname, ZoneId>();
  for (const delta of deltas) {
    for (const name of namedBy(delta)) {
      const owner = owners.get(name);
      if (owner !== undefined && owner !== delta.zone) return `${name} belongs to two zones`;
      owners.set(name, delta.zone);
    }
  }
  return null;
}

function namedBy({ put, authorities }: EdgeZoneDelta): readonly Hostname[] {
  return [...put, ...(authorities?.put ?? [])].map(({ hostname }) => hostname);
}
