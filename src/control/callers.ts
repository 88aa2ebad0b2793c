import { sql } from 'kysely';
import {
  addedSlots,
  type CallerSlot,
  CALLER_SLOT,
  CALLERS_KEPT,
  comers,
  type CountedSlot,
  slotOf,
} from '../domain/callers.ts';
import { type Hostname, type Instant, instant, type ZoneId } from '../domain/ids.ts';
import { tooMany } from '../domain/limits.ts';
import { type Problem, problem } from '../domain/problems.ts';
import {
  type KeptCertificate,
  keptCertificates,
  tellsOthers,
  type ToldCertificate,
  type Witness,
} from '../domain/told-certificate.ts';
import type { Zone } from '../domain/zone.ts';
import type { CallerReport, KnownCallers } from '../wire/callers.ts';
import {
  addCallerSlot,
  addOtherSlot,
  callerSlots,
  callerSources,
  certificatesText,
  countedHostnames,
  pruneCallers,
  storedCertificates,
  witnessRows,
} from './caller-rows.ts';
import { type AskedPlace, askedPlaces } from './asked-places.ts';
import type { ControlState } from './control-state.ts';
import type { Store } from './store.ts';
import { TokenBuckets } from './token-buckets.ts';
import type { InTurn } from './turns.ts';

/** What came of a report. */
interface CallersCounted {
  readonly kind: 'counted';
  /** False for one that was counted before. */
  readonly fresh: boolean;
  /** Where who reports may look at its own certificates. */
  readonly places: readonly AskedPlace[];
}

/** Who comes to origins that refuse nobody yet. Nothing is decided by it: it is for people who are about to enforce. */
export interface CallerKeeping {
  readonly reportCallers: (zone: ZoneId, report: NamedReport) => Promise<CallersCounted | Problem>;
  /** What is known of each of these hostnames since then, for as long as it is kept. */
  readonly callers: (zone: ZoneId, hostnames: readonly Hostname[], since: Instant) => Promise<CallersByName>;
  /** What who reports tells of the certificates that the origin of a hostname shows. */
  readonly toldCertificates: (zone: ZoneId, hostname: Hostname) => Promise<readonly Witness[]>;
}

type CallersByName = ReadonlyMap<Hostname, KnownCallers>;

/** A report whose names are names of the zone. */
interface NamedReport extends Pick<CallerReport, 'host' | 'lock' | 'batch'> {
  readonly hostnames: readonly Hostname[];
  readonly slots: readonly CallerSlot[];
  /** Who came by no name of the lock. */
  readonly others: readonly CountedSlot[];
  /** `null` where it says nothing of its certificates: what it said before is kept. */
  readonly told: readonly ToldCertificate[] | null;
}

/** What all locks of a zone say that they watch, in characters: it is read for each hostname that is looked at. */
const MOST_TEXT = 1_000_000;

/**
 * How many slots of time a zone may report in so many seconds. Each costs the store a look and a change, and everything
 * else that is stored waits meanwhile: ten machines with a hundred names need less, and one that is taken over gets no more.
 */
const SLOTS_OF_ZONE = { quota: 10_000, window: 100 };

export function callerKeeping(state: ControlState, inTurn: InTurn): CallerKeeping {
  const shares = new TokenBuckets(SLOTS_OF_ZONE);
  return {
    reportCallers: (zone, report) =>
      inTurn(async () => held(state, zone, { report, shares }) ?? keep(state, zone, report)),
    callers: (zone, hostnames, since) =>
      inTurn(async () => (state.closed ? new Map() : read(state, zone, { hostnames, since }))),
    toldCertificates: (zone, hostname) =>
      inTurn(async () => {
        const { store, clock, closed } = state;
        return closed ? [] : witnessRows(store, zone, { hostname, since: oldest(clock()) });
      }),
  };
}

/** Why a zone may report no more for now. */
function held(
  { clock }: ControlState,
  zone: ZoneId,
  { report, shares }: { readonly report: NamedReport; readonly shares: TokenBuckets },
): Problem | null {
  const { wait } = shares.take(zone, clock(), report.slots.length + report.others.length + 1);
  return wait === null ? null : problem('rate_limited', `the zone has reported much of late: again in ${wait} s`);
}

async function keep(state: ControlState, id: ZoneId, report: NamedReport): Promise<CallersCounted | Problem> {
  const { store, clock, limits, zones } = state;
  const zone = state.closed ? undefined : zones.index.get(id);
  if (zone === undefined) return problem('zone_not_found');
  const now = clock();
  const entry = zones.entry(id);
  const places = entry === undefined ? [] : askedPlaces(entry.edge, report.hostnames);
  let tellsAnew = false;
  const outcome = await store.transaction().execute(async (transaction) => {
    await pruneCallers(transaction, id, oldest(now));
    const known = await knownSource(transaction, id, report);
    if (known?.batch === report.batch) return { kind: 'counted', fresh: false, places } as const;
    const slots = together(timely(report.slots, now), ({ hostname }) => hostname);
    const byOtherNames = together(timely(report.others, now), () => '');
    const names = new Set([...(await countedHostnames(transaction, id)), ...slots.map(({ hostname }) => hostname)]);
    if (names.size > limits.callerHostnamesPerZone)
      return tooMany('hostnames whose callers are counted', 'callerHostnamesPerZone', limits);
    const before = storedCertificates(known?.certificates ?? null);
    const kept = report.told === null ? before : keptCertificates(before, report.told, now);
    const others = await otherSources(transaction, id, report);
    if (others.count >= limits.originReportsPerZone) return tooMany('reports', 'originReportsPerZone', limits);
    if (others.text + textOf(report, kept).length > MOST_TEXT)
      return problem('too_many_certificates', `${MOST_TEXT} characters of hostnames that are watched`);
    for (const slot of slots) await addCallerSlot(transaction, id, slot);
    for (const slot of byOtherNames)
      await addOtherSlot(transaction, id, { ...slot, host: report.host, lock: report.lock });
    await writeSource(transaction, id, { report, kept, now });
    tellsAnew = tellsOthers(before, kept);
    return { kind: 'counted', fresh: true, places } as const;
  });
  if (outcome.kind === 'counted' && outcome.fresh) tell(state, zone, { ...report, tellsAnew });
  return outcome;
}

function oldest(now: Instant): Instant {
  return instant(slotOf(now) - CALLERS_KEPT);
}

/** The slots that are worth keeping. One that lies ahead is of now: the clock there is ahead. */
function timely<Slot extends CountedSlot>(slots: readonly Slot[], now: Instant): readonly Slot[] {
  return slots.map((slot) => ({ ...slot, at: slotOf(Math.min(slot.at, now)) })).filter(({ at }) => at >= oldest(now));
}

/** Those of the same and the same time as one: each costs the store a look and a change. */
function together<Slot extends CountedSlot>(slots: readonly Slot[], of: (slot: Slot) => string): readonly Slot[] {
  const found = new Map<string, Slot>();
  for (const slot of slots) {
    const key = `${slot.at} ${of(slot)}`;
    const known = found.get(key);
    found.set(key, known === undefined ? slot : addedSlots(known, slot));
  }
  return [...found.values()];
}

async function knownSource(store: Store, zone: ZoneId, { host, lock }: NamedReport) {
  return store
    .selectFrom('origin_caller_sources')
    .select(['batch', 'certificates'])
    .where('zone', '=', zone)
    .where('host', '=', host)
    .where('lock_name', '=', lock)
    .executeTakeFirst();
}

function textOf({ hostnames }: NamedReport, kept: readonly KeptCertificate[]): string {
  return `${JSON.stringify(hostnames)}${certificatesText(kept)}`;
}

/** Those of other locks: how many, and how much they hold. */
async function otherSources(store: Store, zone: ZoneId, { host, lock }: NamedReport) {
  const row = await store
    .selectFrom('origin_caller_sources')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .select(sql<number | null>`sum(length(hostnames) + coalesce(length(certificates), 0))`.as('text'))
    .where('zone', '=', zone)
    .where((is) => is.not(is.and([is('host', '=', host), is('lock_name', '=', lock)])))
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), text: Number(row.text) };
}

async function writeSource(
  store: Store,
  zone: ZoneId,
  {
    report,
    kept,
    now,
  }: { readonly report: NamedReport; readonly kept: readonly KeptCertificate[]; readonly now: Instant },
): Promise<void> {
  const { host, lock, batch, told } = report;
  const counted = countedAt(report, now);
  const row = {
    hostnames: JSON.stringify(report.hostnames),
    reported_at: now,
    ...(counted === null ? {} : { counted_at: counted }),
    ...(told === null ? {} : { certificates: certificatesText(kept) }),
  };
  // One that counts nobody may come twice, and must not hide that the one before it was counted.
  const again = report.slots.length + report.others.length === 0 ? row : { ...row, batch };
  await store
    .insertInto('origin_caller_sources')
    .values({ zone, host, lock_name: lock, batch, ...row })
    .onConflict((conflict) => conflict.columns(['zone', 'host', 'lock_name']).doUpdateSet(again))
    .execute();
}

/** When the newest caller of a report came, to the end of its slot, looks of Postern's own aside; `null` where none did. */
function countedAt({ slots, others }: NamedReport, now: Instant): Instant | null {
  const times = [...slots, ...others].filter(({ counts }) => comers(counts) > 0).map(({ at }) => at + CALLER_SLOT);
  return times.length === 0 ? null : instant(Math.min(now, Math.max(...times)));
}

async function read(
  { store, clock }: ControlState,
  zone: ZoneId,
  { hostnames, since }: { readonly hostnames: readonly Hostname[]; readonly since: Instant },
): Promise<CallersByName> {
  const sources = await callerSources(store, zone, { reported: oldest(clock()), since });
  const slots = await callerSlots(store, zone, { hostnames, since });
  const found = new Map<Hostname, KnownCallers>();
  for (const hostname of hostnames) {
    found.set(hostname, {
      sources: sources
        .filter((one) => one.hostnames.includes(hostname))
        .map(({ host, lock, at, counted, others }) => ({ host, lock, at, counted, others })),
      slots: slots.get(hostname) ?? [],
    });
  }
  return found;
}

// Also of nobody: that somebody watches now is news where it is looked at.
function tell(
  state: ControlState,
  { id, account, name }: Zone,
  { hostnames, slots, others, tellsAnew: certificates }: NamedReport & { readonly tellsAnew: boolean },
): void {
  const requests = [...slots, ...others].reduce((sum, { counts }) => sum + comers(counts), 0);
  state.events.add({ kind: 'callers_reported', zone: id, account, zoneName: name, hostnames, requests, certificates });
}
