import { type Fingerprint, type Instant, instant } from '../domain/ids.ts';
import type { Store } from './store.ts';

/** A list as its CA signed it. */
export interface SignedList {
  readonly issuer: Fingerprint;
  readonly number: number;
  readonly thisUpdate: Instant;
  readonly nextUpdate: Instant;
  /** What is on it, as a digest. */
  readonly entries: string;
  readonly der: Buffer;
}

/** Stores the newest list of a CA in the place of the one before it. */
export async function writeList(store: Store, zone: string | null, list: SignedList): Promise<void> {
  const { issuer, number, thisUpdate, nextUpdate, entries, der } = list;
  const times = { this_update: thisUpdate, next_update: nextUpdate };
  const row = { zone, number, ...times, entries, list: der.toString('base64') };
  await store
    .insertInto('revocation_lists')
    .values({ issuer, ...row })
    .onConflict((conflict) => conflict.column('issuer').doUpdateSet(row))
    .execute();
}

/** The newest list of a CA; `null` where it has signed none yet. */
export async function readList(store: Store, issuer: Fingerprint): Promise<SignedList | null> {
  const row = await store.selectFrom('revocation_lists').selectAll().where('issuer', '=', issuer).executeTakeFirst();
  if (row === undefined) return null;
  return {
    issuer,
    number: row.number,
    thisUpdate: instant(row.this_update),
    nextUpdate: instant(row.next_update),
    entries: row.entries,
    der: Buffer.from(row.list, 'base64'),
  };
}

/** When a list that is stored counts, and whose it is. */
export interface StoredTimes extends Pick<SignedList, 'thisUpdate' | 'nextUpdate'> {
  /** `null` for the installation's own. */
  readonly zone: string | null;
}

/** The times of all lists. */
export async function listTimes(store: Store): Promise<readonly StoredTimes[]> {
  const rows = await store.selectFrom('revocation_lists').select(['zone', 'this_update', 'next_update']).execute();
  return rows.map((row) => ({
    zone: row.zone,
    thisUpdate: instant(row.this_update),
    nextUpdate: instant(row.next_update),
  }));
}
