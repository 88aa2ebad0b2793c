import { type Circumstances, zoneBelow } from './circumstances.ts';
import { isWithin, type RecordId } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import type { DnsRecord } from './record.ts';
import { sameFields } from './same-fields.ts';
import type { Zone } from './zone.ts';

/** A record as its owner wants it. */
export type RecordDraft = Omit<DnsRecord, 'id' | 'createdAt' | 'modifiedAt'>;

/** Puts a new record into a zone. */
export function createRecord(zone: Zone, id: RecordId, draft: RecordDraft, world: Circumstances): Zone | Problem {
  const { recordsPerZone } = world.limits;
  if (zone.records.size >= recordsPerZone) return problem('too_many_records', `${recordsPerZone} are allowed`);
  const record: DnsRecord = { ...draft, id, createdAt: world.now, modifiedAt: world.now };
  return place(zone, record, world);
}

/** Changes the fields named and leaves the others; where none differs, the answer is the zone itself. */
export function updateRecord(
  zone: Zone,
  id: RecordId,
  draft: Partial<RecordDraft>,
  world: Circumstances,
): Zone | Problem {
  const known = zone.records.get(id);
  if (known === undefined) return problem('record_not_found');
  const { origin = known.origin, ...others } = draft;
  const kept = sameFields(known.origin, origin) ? known.origin : origin;
  const wanted = { ...known, ...others, origin: kept };
  const placed = place(zone, { ...wanted, modifiedAt: world.now }, world);
  return 'code' in placed || !sameFields(known, wanted) ? placed : zone;
}

/** Removes a record. */
export function deleteRecord(zone: Zone, id: RecordId): Zone | Problem {
  const records = new Map(zone.records);
  return records.delete(id) ? { ...zone, records } : problem('record_not_found');
}

function place(zone: Zone, record: DnsRecord, world: Circumstances): Zone | Problem {
  const fault = misplaced(zone, record, world) ?? conflict(zone, record) ?? foreignServerName(zone, record, world);
  return fault ?? { ...zone, records: new Map(zone.records).set(record.id, record) };
}

function misplaced(zone: Zone, { name, type, content }: DnsRecord, world: Circumstances): Problem | null {
  if (!isWithin(name, zone.name)) return problem('record_outside_zone', `${name} is not in ${zone.name}`, '/name');
  const below = zoneBelow(zone, name, world);
  if (below !== null) return problem('record_outside_zone', `${name} is in ${below.name}`, '/name');
  if (type === 'CNAME' && content === name) return problem('bad_record', 'a CNAME cannot name itself', '/content');
  return null;
}

function conflict(zone: Zone, record: DnsRecord): Problem | null {
  for (const other of zone.records.values()) {
    if (other.name !== record.name || other.id === record.id) continue;
    if (other.type === record.type && other.content === record.content && sameDoor(other, record)) {
      return problem('record_exists', `as ${other.id}`);
    }
    if (other.type === 'CNAME' || record.type === 'CNAME')
      return problem('record_conflict', `${other.type} ${other.id}`);
  }
  return null;
}

// Several ports of one address are several origins.
function sameDoor(a: DnsRecord, b: DnsRecord): boolean {
  return a.origin.httpsPort === b.origin.httpsPort && a.origin.httpPort === b.origin.httpPort;
}

/**
 * Who names another zone's host as server name would be let in by that host's origin if both show the same identity:
 * never across accounts, and within one only where the identities differ.
 */
function foreignServerName(zone: Zone, { origin }: DnsRecord, world: Circumstances): Problem | null {
  const holder = origin.serverName === null ? null : world.holder(origin.serverName);
  if (holder === null || holder.zone === zone.id) return null;
  const pointer = '/origin/server_name';
  if (holder.account !== zone.account) return problem('server_name_not_yours', origin.serverName ?? '', pointer);
  if (holder.globalPull || zone.settings.globalPull) return problem('server_name_shared', holder.name, pointer);
  return null;
}
