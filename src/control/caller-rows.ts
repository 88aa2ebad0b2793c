import { z } from 'zod';
import { addedSlots, type CallerSlot, type CountedSlot, mergedExamples } from '../domain/callers.ts';
import { fingerprint, type Hostname, hostnamePattern, type Instant, instant, type ZoneId } from '../domain/ids.ts';
import type { KeptCertificate, Witness } from '../domain/told-certificate.ts';
import type { CallerSource } from '../wire/callers.ts';
import type { Store } from './store.ts';
import { damaged, storedList } from './stored.ts';
import type { SlotRow } from './origin-tables.ts';

const COUNTS = z.strictObject({
  accepted: z.int(),
  without: z.int(),
  foreign: z.int(),
  unverified: z.int(),
  looks: z.int(),
});
const EXAMPLES = z.array(z.strictObject({ address: z.string(), count: z.int() }));

/** Adds what was counted to what is stored of the same five minutes. */
export async function addCallerSlot(store: Store, zone: ZoneId, slot: CallerSlot): Promise<void> {
  const row = await store
    .selectFrom('origin_callers')
    .selectAll()
    .where('zone', '=', zone)
    .where('hostname', '=', slot.hostname)
    .where('slot', '=', slot.at)
    .executeTakeFirst();
  const { counts, examples } = summed(row, slot);
  await store
    .insertInto('origin_callers')
    .values({ zone, hostname: slot.hostname, slot: slot.at, counts, examples })
    .onConflict((conflict) => conflict.columns(['zone', 'hostname', 'slot']).doUpdateSet({ counts, examples }))
    .execute();
}

/** The same of those who came to a lock by no name of it. */
export async function addOtherSlot(
  store: Store,
  zone: ZoneId,
  { host, lock, ...slot }: CountedSlot & { readonly host: string; readonly lock: string },
): Promise<void> {
  const row = await store
    .selectFrom('origin_other_callers')
    .selectAll()
    .where('zone', '=', zone)
    .where('host', '=', host)
    .where('lock_name', '=', lock)
    .where('slot', '=', slot.at)
    .executeTakeFirst();
  const sum = summed(row, slot);
  await store
    .insertInto('origin_other_callers')
    .values({ zone, host, lock_name: lock, slot: slot.at, ...sum })
    .onConflict((conflict) => conflict.columns(['zone', 'host', 'lock_name', 'slot']).doUpdateSet(sum))
    .execute();
}

function summed(row: SlotRow | undefined, slot: CountedSlot): Pick<SlotRow, 'counts' | 'examples'> {
  const sum = row === undefined ? slot : addedSlots(storedSlot(row), slot);
  return { counts: JSON.stringify(sum.counts), examples: JSON.stringify(mergedExamples([sum.examples])) };
}

/** The five minutes of each of these hostnames since then, oldest first: asked once for all of them. */
export async function callerSlots(
  store: Store,
  zone: ZoneId,
  { hostnames, since }: { readonly hostnames: readonly string[]; readonly since: Instant },
): Promise<ReadonlyMap<string, readonly CallerSlot[]>> {
  const rows = await store
    .selectFrom('origin_callers')
    .selectAll()
    .where('zone', '=', zone)
    .where('hostname', 'in', hostnames)
    .where('slot', '>=', since)
    .orderBy('slot')
    .execute();
  return grouped(rows, (row) => [row.hostname, { hostname: row.hostname, ...storedSlot(row) }]);
}

/** What rows hold, by what it is about, in their order. */
function grouped<Row, Held>(
  rows: readonly Row[],
  read: (row: Row) => readonly [about: string, held: Held],
): ReadonlyMap<string, readonly Held[]> {
  const found = new Map<string, Held[]>();
  for (const row of rows) {
    const [about, held] = read(row);
    const known = found.get(about);
    if (known === undefined) found.set(about, [held]);
    else known.push(held);
  }
  return found;
}

function storedSlot({ zone, slot, counts, examples }: SlotRow): CountedSlot {
  const read = z.strictObject({ counts: COUNTS, examples: EXAMPLES }).safeParse({
    counts: JSON.parse(counts),
    examples: JSON.parse(examples),
  });
  if (!read.success) return damaged('counts of callers', zone);
  return { at: instant(Number(slot)), ...read.data };
}

/** Forgets what is older. */
export async function pruneCallers(store: Store, zone: ZoneId, before: Instant): Promise<void> {
  await store.deleteFrom('origin_callers').where('zone', '=', zone).where('slot', '<', before).execute();
  await store.deleteFrom('origin_other_callers').where('zone', '=', zone).where('slot', '<', before).execute();
  await store.deleteFrom('origin_caller_sources').where('zone', '=', zone).where('reported_at', '<', before).execute();
}

/** Names of a zone whose callers are stored. */
export async function countedHostnames(store: Store, zone: ZoneId): Promise<ReadonlySet<string>> {
  const rows = await store
    .selectFrom('origin_callers')
    .select('hostname')
    .distinct()
    .where('zone', '=', zone)
    .execute();
  return new Set(rows.map(({ hostname }) => hostname));
}

/** A source with the hostnames that it tells of. */
interface SourceOfNames extends CallerSource {
  readonly hostnames: readonly string[];
}

/** Who reported of callers since `reported`, by host and lock, with whom it counted since `since` by no name of its lock. */
export async function callerSources(
  store: Store,
  zone: ZoneId,
  { reported, since }: { readonly reported: Instant; readonly since: Instant },
): Promise<readonly SourceOfNames[]> {
  const others = await otherSlots(store, zone, since);
  const rows = await store
    .selectFrom('origin_caller_sources')
    .selectAll()
    .where('zone', '=', zone)
    .where('reported_at', '>=', reported)
    .orderBy('host')
    .orderBy('lock_name')
    .execute();
  return rows.map(({ host, lock_name, hostnames, reported_at, counted_at }) => ({
    host,
    lock: lock_name,
    at: Number(reported_at),
    counted: counted_at === null ? null : Number(counted_at),
    others: others.get(JSON.stringify([host, lock_name])) ?? [],
    hostnames: storedList(hostnames),
  }));
}

async function otherSlots(
  store: Store,
  zone: ZoneId,
  since: Instant,
): Promise<ReadonlyMap<string, readonly CountedSlot[]>> {
  const rows = await store
    .selectFrom('origin_other_callers')
    .selectAll()
    .where('zone', '=', zone)
    .where('slot', '>=', since)
    .orderBy('slot')
    .execute();
  return grouped(rows, (row) => [JSON.stringify([row.host, row.lock_name]), storedSlot(row)]);
}

const KEPT = z.array(
  z.strictObject({
    hostname: z.string(),
    sha256: z.string(),
    subject: z.string(),
    self_signed: z.boolean(),
    since: z.int(),
    at: z.int(),
  }),
);

/** What a source tells of its own certificates, as it is stored. */
export function storedCertificates(json: string | null): readonly KeptCertificate[] {
  if (json === null) return [];
  const read = KEPT.safeParse(JSON.parse(json));
  if (!read.success) return damaged('certificates that an origin told', json);
  return read.data.map(({ hostname: name, sha256, subject, self_signed: isSelfSigned, since, at }) => ({
    hostname: hostnamePattern(name) ?? damaged('a hostname', name),
    fingerprint: fingerprint(sha256) ?? damaged('a fingerprint', sha256),
    subject,
    isSelfSigned,
    since: instant(since),
    at: instant(at),
  }));
}

/** The same the other way. */
export function certificatesText(kept: readonly KeptCertificate[]): string {
  return JSON.stringify(
    kept.map(({ fingerprint: sha256, isSelfSigned, ...one }) => ({ ...one, sha256, self_signed: isSelfSigned })),
  );
}

/** Who tells what certificates of a hostname, of those who reported since then. */
export async function witnessRows(
  store: Store,
  zone: ZoneId,
  about: { readonly hostname: Hostname; readonly since: Instant },
): Promise<readonly Witness[]> {
  const rows = await store
    .selectFrom('origin_caller_sources')
    .select(['host', 'certificates'])
    .where('zone', '=', zone)
    .where('reported_at', '>=', about.since)
    .where('certificates', 'is not', null)
    .execute();
  return rows.flatMap(({ host, certificates }) =>
    storedCertificates(certificates)
      .filter((one) => one.hostname === about.hostname)
      .map((one) => ({ ...one, host })),
  );
}
