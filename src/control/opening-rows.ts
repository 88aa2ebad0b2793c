import { hostnamePattern, instant } from '../domain/ids.ts';
import type { Opening } from '../domain/opening.ts';
import type { Zone } from '../domain/zone.ts';
import type { Store } from './store.ts';
import { damaged } from './stored.ts';
import type { OpeningRow, RowChange } from './tables.ts';

/** Writes the openings that differ. Belongs in a transaction. */
export async function writeOpenings(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, Opening>,
  born: number,
): Promise<void> {
  for (const hostname of dropped) {
    await store.deleteFrom('openings').where('zone', '=', zone.id).where('hostname', '=', hostname).execute();
  }
  for (const [ordinal, { hostname, until, openedAt, by, because }] of put.entries()) {
    const row = { zone: zone.id, hostname, ends_at: until, opened_at: openedAt, opened_by: by, because };
    await store
      .insertInto('openings')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.columns(['zone', 'hostname']).doUpdateSet(row))
      .execute();
  }
}

/** An opening as it was stored. Throws StartError. */
export function opening(row: OpeningRow): Opening {
  return {
    hostname: hostnamePattern(row.hostname) ?? damaged('a hostname', row.hostname),
    until: instant(row.ends_at),
    openedAt: instant(row.opened_at),
    by: row.opened_by,
    because: row.because,
  };
}
