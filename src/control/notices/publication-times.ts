import { sql } from 'kysely';
import { type Fingerprint, fingerprint, type Instant, instant } from '../../domain/ids.ts';
import type { PublishedTimes, SignedTimes } from '../../domain/publication-concerns.ts';
import { MANIFEST_LASTS } from '../bundle-manifests.ts';
import type { Store } from '../store.ts';
import { damaged } from '../stored.ts';

/** What was signed by zone; under `null` by the CAs that all zones share. */
export type TimesByZone = ReadonlyMap<string | null, PublishedTimes>;

export const NO_TIMES: PublishedTimes = { lists: new Map(), manifest: null };

/** The times of all revocation lists that near their end, and of what is said of bundles whose root's key is away. */
export async function publicationTimes(store: Store, now: Instant): Promise<TimesByZone> {
  const lists = await store
    .selectFrom('revocation_lists')
    .select(['zone', 'issuer', 'this_update', 'next_update'])
    // With more than a quarter of its time left none is worth a word: of most zones nothing is read.
    .where(sql<boolean>`(next_update - ${now}) * 4 < next_update - this_update`)
    .execute();
  const manifests = await store
    .selectFrom('bundle_manifests')
    .innerJoin('zones', 'zones.id', 'bundle_manifests.zone')
    .select(['bundle_manifests.zone', 'bundle_manifests.expires_at'])
    .where('zones.authority_root_key', '=', 'away')
    .execute();
  const times = new Map<string | null, { lists: Map<Fingerprint, SignedTimes>; manifest: SignedTimes | null }>();
  const of = (zone: string | null) => {
    const known = times.get(zone) ?? { lists: new Map(), manifest: null };
    times.set(zone, known);
    return known;
  };
  for (const { zone, issuer, this_update, next_update } of lists) {
    const one = { from: instant(this_update), until: instant(next_update) };
    of(zone).lists.set(fingerprint(issuer) ?? damaged('a fingerprint', issuer), one);
  }
  for (const { zone, expires_at } of manifests) {
    const until = instant(expires_at);
    of(zone).manifest = { from: instant(until - MANIFEST_LASTS), until };
  }
  return times;
}
