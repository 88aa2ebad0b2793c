import type { X509Facts } from './certificate.ts';
import { ending, lateWarnings } from './ending.ts';
import type { Fingerprint, Instant } from './ids.ts';
import type { Concern } from './notice.ts';
import type { Zone } from './zone.ts';
import { zoneCas } from './zone-cas.ts';

/** When something that was signed counts. */
export interface SignedTimes {
  readonly from: Instant;
  readonly until: Instant;
}

/** What was signed and nears its end: revocation lists by their CA, and what is said of a zone's bundle. */
export interface PublishedTimes {
  readonly lists: ReadonlyMap<Fingerprint, SignedTimes>;
  readonly manifest: SignedTimes | null;
}

const KINDS = ['root_list_ending', 'revocation_list_ending', 'bundle_manifest_ending'] as const;

/** Whether a concern is about what was signed, which is not known before somebody has looked into the store. */
export function needsTimes(key: string): boolean {
  return KINDS.some((kind) => key.startsWith(`${kind} `));
}

/** What a zone publishes that nears its end: by a root whose key is away, or though it should have been signed anew. */
export function publicationConcerns(
  zone: Pick<Zone, 'authority'>,
  { lists, manifest }: PublishedTimes,
  now: Instant,
): readonly Concern[] {
  const { root, rootKey, signer } = zone.authority;
  // With a signer another one can be made until that ends.
  const vouched = signer === null ? manifest : { from: signer.notBefore, until: signer.notAfter };
  const [away, here] = [true, false].map((isAway) =>
    zoneCas(zone)
      .filter((ca) => ca.isAway === isAway)
      .map(({ certificate }) => certificate),
  );
  return [
    ...listConcerns('root_list_ending', { cas: away ?? [], lists }, now),
    ...listConcerns('revocation_list_ending', { cas: here ?? [], lists }, now),
    // Where the key is here one is signed as soon as anybody asks: that nobody does is no concern.
    ...(vouched === null || rootKey === 'here'
      ? []
      : signed('bundle_manifest_ending', { of: root, called: 'the signature of the bundle', times: vouched }, now)),
  ];
}

/** The same of the CAs that all zones share. */
export function sharedPublicationConcerns(
  cas: readonly X509Facts[],
  lists: PublishedTimes['lists'],
  now: Instant,
): readonly Concern[] {
  return listConcerns('revocation_list_ending', { cas, lists }, now);
}

function listConcerns(
  code: (typeof KINDS)[number],
  { cas, lists }: { readonly cas: readonly X509Facts[]; readonly lists: PublishedTimes['lists'] },
  now: Instant,
): readonly Concern[] {
  return cas.flatMap((of) => {
    const times = lists.get(of.fingerprint);
    return times === undefined ? [] : signed(code, { of, called: `the revocation list of ${of.subject}`, times }, now);
  });
}

function signed(
  code: (typeof KINDS)[number],
  { of, called, times }: { readonly of: X509Facts; readonly called: string; readonly times: SignedTimes },
  now: Instant,
): readonly Concern[] {
  const warnings = lateWarnings(times.until - times.from);
  return ending(code, of.fingerprint, { of, called, notAfter: times.until, warnings }, now);
}
