import type { X509Facts } from './certificate.ts';
import type { Hostname, Instant, ZoneId } from './ids.ts';
import type { PublishedTimes } from './publication-concerns.ts';
import { ownersCas } from './rotation-due.ts';
import { caPairs } from './trust.ts';
import type { Zone } from './zone.ts';
import { zoneCas } from './zone-cas.ts';

/** What comes to an end by itself. */
export const EXPIRING = [
  'managed',
  'uploaded',
  'shared',
  'authority',
  'visitor',
  'visitor_authority',
  'origin_ca',
  'origin_certificate',
  'revocation_list',
  'bundle_signature',
  'token',
] as const;

/** Something that comes to an end, and whether Postern puts its successor in its place before that. */
export interface Expiry {
  readonly what: (typeof EXPIRING)[number];
  /** By which it is found: the id of a certificate, a fingerprint where it has none, a serial number of the Origin CA. */
  readonly id: string;
  readonly name: string;
  readonly endsAt: Instant;
  readonly renews: boolean;
  readonly hostnames: readonly Hostname[];
  readonly zone: { readonly id: ZoneId; readonly name: Hostname } | null;
}

/** Hostnames that one names: a CA may be asked for by very many. */
const MOST_NAMED = 20;

/** Everything of a zone that has an end, the soonest first. `visitor` is when the certificate of the local CA ends. */
export function expiries(zone: Zone, visitor: Instant): readonly Expiry[] {
  const of = (what: Expiry['what'], id: string, facts: X509Facts, rest: Partial<Expiry> = {}): Expiry => ({
    what,
    id,
    // Read where somebody looks: there are very many, and a page shows few.
    get name() {
      return facts.subject;
    },
    endsAt: facts.notAfter,
    renews: false,
    hostnames: [],
    zone: { id: zone.id, name: zone.name },
    ...rest,
  });
  const owners = ownersCas(zone);
  const cas = caPairs(zone).flatMap(({ root, intermediate }) => [root, intermediate]);
  const found: Expiry[] = [];
  for (const { id, source, leaf, wish } of zone.certificates.values()) {
    if (wish.kind === 'deploy') found.push(of(source, id, leaf, { renews: source === 'managed' }));
  }
  for (const facts of new Map(cas.map((one) => [one.fingerprint, one])).values()) {
    found.push(of('authority', facts.fingerprint, facts, { renews: !owners.includes(facts) }));
  }
  found.push({ ...of('visitor', zone.id, zone.authority.root), name: zone.name, endsAt: visitor, renews: true });
  for (const { id, leaf } of zone.customCertificates.values()) found.push(of('visitor', id, leaf));
  for (const [id, { leaf, hostnames }] of asked(zone)) found.push(of('visitor_authority', id, leaf, { hostnames }));
  for (const { id, certificate } of zone.trustStore.values()) found.push(of('origin_ca', id, certificate));
  for (const { id, certificate, revokedAt, hostnames } of zone.originCertificates.values()) {
    if (revokedAt === null) {
      found.push(of('origin_certificate', id, certificate, { hostnames: hostnames.slice(0, MOST_NAMED) }));
    }
  }
  return found.toSorted(sooner);
}

/** What of a zone was signed for a while and nears its end: revocation lists, and what is said of its bundle. */
export function signedExpiries(zone: Zone, { lists, manifest }: PublishedTimes): readonly Expiry[] {
  const { id, name, authority } = zone;
  const ofZone = { hostnames: [], zone: { id, name } };
  const found: Expiry[] = zoneCas(zone).flatMap(({ certificate: { fingerprint, subject }, isAway }) => {
    const times = lists.get(fingerprint);
    if (times === undefined) return [];
    const what = 'revocation_list';
    return [{ what, id: fingerprint, name: subject, endsAt: times.until, renews: !isAway, ...ofZone }];
  });
  const until = authority.signer?.notAfter ?? manifest?.until;
  if (until === undefined || authority.rootKey === 'here') return found;
  const { fingerprint, subject } = authority.root;
  const signature = { what: 'bundle_signature', id: fingerprint, name: subject, endsAt: until, renews: false } as const;
  return [...found, { ...signature, ...ofZone }];
}

/** Each CA that hostnames ask their visitors for. */
function asked({ visitorAuthorities }: Zone) {
  const known = new Map<string, { readonly leaf: X509Facts; readonly hostnames: Hostname[] }>();
  for (const { hostname, certificates } of visitorAuthorities.values()) {
    for (const leaf of certificates) {
      const hostnames = known.get(leaf.fingerprint)?.hostnames ?? [];
      if (hostnames.length < MOST_NAMED) hostnames.push(hostname);
      known.set(leaf.fingerprint, { leaf, hostnames });
    }
  }
  return known;
}

/** What ends first comes first. */
export function sooner(a: Expiry, b: Expiry): number {
  return a.endsAt - b.endsAt;
}
