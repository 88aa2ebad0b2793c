import type { Holder } from '../domain/circumstances.ts';
import type { EdgeZone } from '../domain/edge-zone.ts';
import { type Hostname, isWithin, type Revision, type ZoneId } from '../domain/ids.ts';
import { isRunning } from '../domain/rotation.ts';
import type { Zone } from '../domain/zone.ts';
import type { VisitorCertificate } from './visitor-certificates.ts';

/** All zones, in memory; the store is what makes them durable. */
export interface ZoneIndex {
  readonly get: (id: ZoneId) => Zone | undefined;
  readonly named: (name: Hostname) => Zone | undefined;
  /** The zone a name lies in: its own or the nearest above. */
  readonly holder: (name: Hostname) => Holder | null;
  readonly all: () => Iterable<Zone>;
  readonly size: () => number;
}

/** A zone with all that follows from it. Replaced as a whole, after the store has it. */
export interface ZoneEntry {
  readonly zone: Zone;
  readonly edge: EdgeZone;
  readonly visitor: VisitorCertificate;
  /** The revision that made it what edges were told; after a start the newest one, which is what they get. */
  readonly since: Revision;
}

/** The zones in memory. Only the commit path puts and drops. */
export interface ZoneMemory {
  readonly index: ZoneIndex;
  readonly entry: (id: ZoneId) => ZoneEntry | undefined;
  readonly entries: () => Iterable<ZoneEntry>;
  /** The zones that have a rotation under way. */
  readonly rotating: () => readonly ZoneId[];
  /** The zones that have a lock open, or not seen shut again. */
  readonly opened: () => readonly ZoneId[];
  /** Zones strictly below a name. Looks at every zone: for the creation of one. */
  readonly below: (name: Hostname) => readonly Holder[];
  readonly inhabited: (name: Hostname) => boolean;
  readonly put: (entry: ZoneEntry) => void;
  readonly drop: (id: ZoneId) => void;
  /** Tells somebody of each zone that is put or dropped from now on. */
  readonly watch: (watcher: (id: ZoneId) => void) => void;
}

/** An empty memory. */
export function zoneMemory(): ZoneMemory {
  const entries = new Map<ZoneId, ZoneEntry>();
  const byName = new Map<string, ZoneEntry>();
  const rotating = new Set<ZoneId>();
  const opened = new Set<ZoneId>();
  const watchers: ((id: ZoneId) => void)[] = [];
  const tell = (id: ZoneId) => {
    for (const watcher of watchers) watcher(id);
  };
  const index: ZoneIndex = {
    get: (id) => entries.get(id)?.zone,
    named: (name) => byName.get(name)?.zone,
    holder: (name) => nearest(byName, name),
    all: () => zonesOf(entries.values()),
    size: () => entries.size,
  };
  return {
    index,
    entry: (id) => entries.get(id),
    entries: () => entries.values(),
    rotating: () => [...rotating],
    opened: () => [...opened],
    below: (name) =>
      [...byName.values()].filter(({ zone }) => zone.name !== name && isWithin(zone.name, name)).map(holder),
    inhabited: (name) => {
      const above = index.holder(name);
      const zone = above === null ? undefined : entries.get(above.zone)?.zone;
      return zone !== undefined && speaksFor(zone, name);
    },
    put: (entry) => {
      entries.set(entry.zone.id, entry);
      byName.set(entry.zone.name, entry);
      note(rotating, entry.zone.id, isRunning(entry.zone.rotation));
      note(opened, entry.zone.id, entry.zone.openings.size > 0);
      tell(entry.zone.id);
    },
    drop: (id) => {
      const entry = entries.get(id);
      entries.delete(id);
      rotating.delete(id);
      opened.delete(id);
      if (entry !== undefined) byName.delete(entry.zone.name);
      tell(id);
    },
    watch: (watcher) => void watchers.push(watcher),
  };
}

function note(set: Set<ZoneId>, id: ZoneId, belongs: boolean): void {
  if (belongs) set.add(id);
  else set.delete(id);
}

function speaksFor({ records, associations, visitorAuthorities }: Zone, name: Hostname): boolean {
  const within = (other: Hostname) => isWithin(other, name);
  const named = [associations, visitorAuthorities].some((own) => [...own.keys()].some(within));
  return named || [...records.values()].some((record) => within(record.name));
}

function nearest(byName: ReadonlyMap<string, ZoneEntry>, name: string): Holder | null {
  const entry = byName.get(name);
  if (entry !== undefined) return holder(entry);
  const dot = name.indexOf('.');
  return dot === -1 ? null : nearest(byName, name.slice(dot + 1));
}

function holder({ zone }: ZoneEntry): Holder {
  return { zone: zone.id, name: zone.name, account: zone.account, globalPull: zone.settings.globalPull };
}

function* zonesOf(entries: Iterable<ZoneEntry>): Iterable<Zone> {
  for (const { zone } of entries) yield zone;
}
