import { type Hostname, hostname, type Instant, instant, type ZoneId, zoneId } from '../domain/ids.ts';
import { SETUP_CHOICES, type StoredSetup } from '../wire/setups.ts';
import type { Stretch } from './stretch.ts';
import type { Store } from './store.ts';
import { damaged, listed } from './stored.ts';
import type { SetupRow } from './origin-tables.ts';

/** A set-up with its zone. */
export interface ZoneSetup extends StoredSetup {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
}

/** Which of all set-ups are asked for. */
export interface SetupQuery extends Stretch {
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
}

/** A part of a list, with how long it is. */
export interface SetupList {
  readonly total: number;
  readonly setups: readonly ZoneSetup[];
}

/** The one that was changed last first. Only those of the stretch are read: their choices may be long. */
export async function readSetups(store: Store, { zones, accounts, skip, most }: SetupQuery): Promise<SetupList> {
  let found = store.selectFrom('setups').innerJoin('zones', 'zones.id', 'setups.zone');
  if (zones !== 'all') found = found.where('setups.zone', 'in', listed(zones));
  if (accounts !== 'all') found = found.where('zones.account', 'in', listed(accounts));
  const count = found.select(({ fn }) => fn.countAll<number>().as('count'));
  const rows = found
    .selectAll('setups')
    .orderBy('setups.modified_at', 'desc')
    .orderBy('setups.hostname')
    .limit(most)
    .offset(skip);
  const { count: total } = await count.executeTakeFirstOrThrow();
  return { total: Number(total), setups: (await rows.execute()).map(storedSetup) };
}

/** That of a hostname; `null` where none is under way. */
export async function readSetup(store: Store, zone: ZoneId, name: Hostname): Promise<ZoneSetup | null> {
  const row = await store
    .selectFrom('setups')
    .selectAll()
    .where('zone', '=', zone)
    .where('hostname', '=', name)
    .executeTakeFirst();
  return row === undefined ? null : storedSetup(row);
}

/** How many are under way in a zone. */
export async function countSetups(store: Store, zone: ZoneId): Promise<number> {
  const row = await store
    .selectFrom('setups')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('zone', '=', zone)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Puts one in place of what was there. */
export async function writeSetup(store: Store, setup: ZoneSetup): Promise<void> {
  const { zone, hostname: name, choices, began, modified, configured, decided } = setup;
  const row = {
    choices: JSON.stringify(choices),
    began_at: began,
    modified_at: modified,
    configured_at: configured,
    decided_at: decided,
  };
  await store
    .insertInto('setups')
    .values({ zone, hostname: name, ...row })
    .onConflict((conflict) => conflict.columns(['zone', 'hostname']).doUpdateSet(row))
    .execute();
}

/** Forgets one. */
export async function dropSetup(store: Store, zone: ZoneId, name: Hostname): Promise<void> {
  await store.deleteFrom('setups').where('zone', '=', zone).where('hostname', '=', name).execute();
}

/** Forgets those of a zone that nobody touched since then. */
export async function pruneSetups(store: Store, zone: ZoneId, before: Instant): Promise<void> {
  await store.deleteFrom('setups').where('zone', '=', zone).where('modified_at', '<', before).execute();
}

/** Those of all zones. */
export async function readAllSetups(store: Store): Promise<readonly ZoneSetup[]> {
  return (await store.selectFrom('setups').selectAll().execute()).map(storedSetup);
}

function storedSetup(row: SetupRow): ZoneSetup {
  const choices = SETUP_CHOICES.safeParse(JSON.parse(row.choices));
  return {
    zone: zoneId(row.zone) ?? damaged('the id of a zone', row.zone),
    hostname: hostname(row.hostname) ?? damaged('a hostname', row.hostname),
    // What another program wrote otherwise is asked for anew: nothing depends on it.
    choices: choices.success ? choices.data : {},
    began: instant(Number(row.began_at)),
    modified: instant(Number(row.modified_at)),
    configured: instant(Number(row.configured_at ?? row.began_at)),
    decided: row.decided_at === null ? null : instant(Number(row.decided_at)),
  };
}
