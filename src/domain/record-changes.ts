import { type Circumstances, zoneBelow } from './circumstances.ts';
import { type Hostname, isWithin, type RecordId } from './ids.ts';
import { type Problem, problem, problemAt } from './problems.ts';
import { type DnsRecord, withEffectiveTtl } from './record.ts';
import { sameFields } from './same-fields.ts';
import type { Zone } from './zone.ts';

/** A record as its owner wants it. */
export type RecordDraft = Omit<DnsRecord, 'id' | 'createdAt' | 'modifiedAt' | 'mayBePrivate'>;

/** A new record, and whether who asks for it may name private origins (not said: no). */
export interface RecordCreation {
  readonly id: RecordId;
  readonly draft: RecordDraft;
  readonly privateOrigins?: boolean;
}

/** Fields of a record to change, and whether who asks may name private origins (not said: no). */
export interface RecordUpdate {
  readonly id: RecordId;
  readonly draft: Partial<RecordDraft>;
  readonly privateOrigins?: boolean;
}

/** One change of one record. */
export type RecordStep =
  | ({ readonly kind: 'create_record' } & RecordCreation)
  /** Changes the fields named and leaves the others. */
  | ({ readonly kind: 'update_record' } & RecordUpdate)
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
  // One copy for all, and one look for namesakes: a zone may have very many records.
  const records = new Map(zone.records);
  const working = { ...zone, records };
  const namesakes = sharingNames(zone, steps);
  let differs = false;
  for (const { at, step } of steps) {
    const known = records.get(step.id);
    const record = after({ zone: working, namesakes, world }, step);
    if (record !== null && 'code' in record) return problemAt(record, at);
    if (record === known) continue;
    differs = true;
    for (const kept of [records, namesakes]) {
      if (record === null) kept.delete(step.id);
      else kept.set(step.id, record);
    }
  }
  return differs ? working : zone;
}

/** What a step is held against. */
interface Place {
  readonly zone: Zone;
  /** Every record of the zone, as it is before the step, that has a name which some step gives or keeps, or that some step changes. */
  readonly namesakes: ReadonlyMap<RecordId, DnsRecord>;
  readonly world: Circumstances;
}

function sharingNames(zone: Zone, steps: readonly PlacedStep[]): Map<RecordId, DnsRecord> {
  const names = new Set(steps.map(({ step }) => nameAfter(zone, step)));
  // What a step changes keeps its place among all: which of two is named in a conflict must not hang on who came before.
  const touched = new Set(steps.map(({ step }) => step.id));
  const found = new Map<RecordId, DnsRecord>();
  for (const record of zone.records.values())
    if (names.has(record.name) || touched.has(record.id)) found.set(record.id, record);
  return found;
}

function nameAfter(zone: Zone, step: RecordStep): Hostname | undefined {
  const given = step.kind === 'delete_record' ? undefined : step.draft.name;
  return given ?? zone.records.get(step.id)?.name;
}

/** The record as a step leaves it; `null` where it is gone. */
function after(place: Place, step: RecordStep): DnsRecord | null | Problem {
  const { zone, world } = place;
  switch (step.kind) {
    case 'create_record':
      if (zone.records.size >= world.limits.recordsPerZone) {
        return problem('too_many_records', `${world.limits.recordsPerZone} are allowed`);
      }
      return create(place, step);
    case 'update_record':
      return update(place, step);
    case 'delete_record':
      return zone.records.has(step.id) ? null : problem('record_not_found');
  }
}

function create(place: Place, creation: RecordCreation): DnsRecord | Problem {
  const { id, draft, privateOrigins: mayBePrivate = false } = creation;
  const { now } = place.world;
  return placed(place, { ...draft, id, mayBePrivate, createdAt: now, modifiedAt: now });
}

function update(place: Place, wish: RecordUpdate): DnsRecord | Problem {
  const known = place.zone.records.get(wish.id);
  if (known === undefined) return problem('record_not_found');
  const { origin = known.origin, ...others } = wish.draft;
  const kept = sameFields(known.origin, origin) ? known.origin : origin;
  const edited = withEffectiveTtl({ ...known, ...others, origin: kept });
  const wanted = { ...edited, mayBePrivate: rightAfter(known, edited, wish) };
  const changed = placed(place, { ...wanted, modifiedAt: place.world.now });
  return 'code' in changed || !sameFields(known, wanted) ? changed : known;
}

// Who has the right gives it by naming the origin: touching another field must not bless what somebody else wrote there.
// Who has not takes it away by leading the record, or another name, elsewhere: else the right could be carried along.
function rightAfter(known: DnsRecord, wanted: DnsRecord, { draft, privateOrigins = false }: RecordUpdate): boolean {
  if (privateOrigins) return known.mayBePrivate || draft.content !== undefined;
  return known.mayBePrivate && leadsAlike(known, wanted);
}

const LEADING = ['name', 'type', 'content', 'proxied', 'origin'] as const satisfies readonly (keyof DnsRecord)[];

function leadsAlike(a: DnsRecord, b: DnsRecord): boolean {
  return LEADING.every((field) => a[field] === b[field]);
}

function placed({ zone, namesakes, world }: Place, wanted: DnsRecord): DnsRecord | Problem {
  const record = withEffectiveTtl(wanted);
  return (
    misplaced(zone, record, world) ?? conflict(namesakes, record) ?? foreignServerName(zone, record, world) ?? record
  );
}

function misplaced(zone: Zone, { name, type, content }: DnsRecord, world: Circumstances): Problem | null {
  if (!isWithin(name, zone.name)) return problem('record_outside_zone', `${name} is not in ${zone.name}`, '/name');
  const below = zoneBelow(zone, name, world);
  if (below !== null) return problem('record_outside_zone', `${name} is in ${below.name}`, '/name');
  if (type === 'CNAME' && content === name) return problem('bad_record', 'a CNAME cannot name itself', '/content');
  return null;
}

function conflict(namesakes: Place['namesakes'], record: DnsRecord): Problem | null {
  for (const other of namesakes.values()) {
    if (other.name !== record.name || other.id === record.id) continue;
    if (other.type === record.type && other.content === record.content && sameDoor(other, record)) {
      return problem('record_exists', `as ${other.id}`);
    }
    if (record.type === 'CNAME') return problem('record_conflict', `${other.type} ${other.id}`);
    if (other.type === 'CNAME') return problem('cname_exists', `as ${other.id}`);
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
