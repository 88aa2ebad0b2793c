import { type Circumstances, zoneBelow } from './circumstances.ts';
import { isWithin, type RecordId } from './ids.ts';
import { type Problem, problem, problemAt } from './problems.ts';
import { type DnsRecord, withEffectiveTtl } from './record.ts';
import { sameFields } from './same-fields.ts';
import type { Zone } from './zone.ts';

/** A record as its owner wants it. */
export type RecordDraft = Omit<DnsRecord, 'id' | 'createdAt' | 'modifiedAt'>;

/** One change of one record. */
export type RecordStep =
  | { readonly kind: 'create_record'; readonly id: RecordId; readonly draft: RecordDraft }
  /** Changes the fields named and leaves the others. */
  | { readonly kind: 'update_record'; readonly id: RecordId; readonly draft: Partial<RecordDraft> }
  | { readonly kind: 'delete_record'; readonly id: RecordId };

/** A step with the place in the request that asked for it, as the beginning of a JSON pointer. */
export interface PlacedStep {
  readonly at: string;
  readonly step: RecordStep;
}

/**
 * The zone after these steps, one after the other, each held against what those before it left; or the first problem,
 * and then nothing has happened. Where nothing differs, the answer is the zone itself.
 */
export function changeRecords(zone: Zone, steps: readonly PlacedStep[], world: Circumstances): Zone | Problem {
  // One copy for all: a zone may have very many records.
  const records = new Map(zone.records);
  const working = { ...zone, records };
  let differs = false;
  for (const { at, step } of steps) {
    const known = records.get(step.id);
    const record = after(working, step, world);
    if (record !== null && 'code' in record) return problemAt(record, at);
    if (record === known) continue;
    differs = true;
    if (record === null) records.delete(step.id);
    else records.set(step.id, record);
  }
  return differs ? working : zone;
}

/** The record as a step leaves it; `null` where it is gone. */
function after(zone: Zone, step: RecordStep, world: Circumstances): DnsRecord | null | Problem {
  switch (step.kind) {
    case 'create_record':
      if (zone.records.size >= world.limits.recordsPerZone) {
        return problem('too_many_records', `${world.limits.recordsPerZone} are allowed`);
      }
      return place(zone, { ...step.draft, id: step.id, createdAt: world.now, modifiedAt: world.now }, world);
    case 'update_record':
      return update(zone, step, world);
    case 'delete_record':
      return zone.records.has(step.id) ? null : problem('record_not_found');
  }
}

function update(
  zone: Zone,
  { id, draft }: Extract<RecordStep, { kind: 'update_record' }>,
  world: Circumstances,
): DnsRecord | Problem {
  const known = zone.records.get(id);
  if (known === undefined) return problem('record_not_found');
  const { origin = known.origin, ...others } = draft;
  const kept = sameFields(known.origin, origin) ? known.origin : origin;
  const wanted = withEffectiveTtl({ ...known, ...others, origin: kept });
  const placed = place(zone, { ...wanted, modifiedAt: world.now }, world);
  return 'code' in placed || !sameFields(known, wanted) ? placed : known;
}

function place(zone: Zone, wanted: DnsRecord, world: Circumstances): DnsRecord | Problem {
  const record = withEffectiveTtl(wanted);
  return misplaced(zone, record, world) ?? conflict(zone, record) ?? foreignServerName(zone, record, world) ?? record;
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
