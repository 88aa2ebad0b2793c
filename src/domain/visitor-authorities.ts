import type { X509Facts } from './certificate.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import type { EdgeAuthorities } from './edge-zone.ts';
import { type Hostname, type Instant, isWithin, nearestOf } from './ids.ts';
import { limitKey } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import type { Zone } from './zone.ts';

/** Whose certificates a hostname asks of its visitors: without one of these CAs nobody gets in there. */
export interface VisitorAuthorities {
  /** May be a wildcard: then it holds for every name below that has no list of its own. */
  readonly hostname: Hostname;
  /** What its owner calls the list; `null` where it has no name. */
  readonly name: string | null;
  /** Each is believed by itself, so one intermediate may stand without its root. */
  readonly certificates: readonly X509Facts[];
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

/** A list as its owner wants it. */
export type VisitorAuthoritiesDraft = Omit<VisitorAuthorities, 'createdAt' | 'modifiedAt'>;

type Lists = ReadonlyMap<Hostname, VisitorAuthorities>;

/**
 * Asks visitors of a hostname for certificates of these CAs. It needs no record: a lock that could only be put on when
 * the name is served would leave it open until then.
 */
export function requireVisitors(zone: Zone, draft: VisitorAuthoritiesDraft, world: Circumstances): Zone | Problem {
  const { hostname } = draft;
  const known = zone.visitorAuthorities.get(hostname);
  if (known !== undefined && isAsWished(known, draft)) return zone;
  const fault = misplaced(zone, hostname, world) ?? overLimit(zone, draft, world);
  if (fault !== null) return fault;
  const wanted = { ...draft, createdAt: known?.createdAt ?? world.now, modifiedAt: world.now };
  return { ...zone, visitorAuthorities: new Map(zone.visitorAuthorities).set(hostname, wanted) };
}

/** Asks visitors of a hostname for nothing of its own any more. */
export function dropVisitorAuthorities(zone: Zone, hostname: Hostname): Zone | Problem {
  const visitorAuthorities = new Map(zone.visitorAuthorities);
  if (!visitorAuthorities.delete(hostname)) return problem('visitor_authorities_not_found', hostname);
  return { ...zone, visitorAuthorities };
}

/** The list that holds for a name: its own, else that of the nearest wildcard above it, whoever has the record. */
export function nearestList<List>(lists: Pick<ReadonlyMap<Hostname, List>, 'get'>, name: Hostname): List | undefined {
  return nearestOf(lists, name);
}

/** The CAs of a list that will have ended by then. */
export function endingBy({ certificates }: VisitorAuthorities, then: number): readonly X509Facts[] {
  return certificates.filter(({ notAfter }) => notAfter <= then);
}

/** The lists of a zone as edges need them. What did not change stays the same object. */
export function compileAuthorities(
  lists: Lists,
  previous: { readonly lists: Lists; readonly compiled: ReadonlyMap<Hostname, EdgeAuthorities> } | null,
): ReadonlyMap<Hostname, EdgeAuthorities> {
  if (previous !== null && previous.lists === lists) return previous.compiled;
  return new Map(
    [...lists].map(([name, list]) => {
      const same = previous?.lists.get(name) === list ? previous.compiled.get(name) : undefined;
      return [name, same ?? compiled(list)];
    }),
  );
}

function compiled({ hostname, certificates }: VisitorAuthorities): EdgeAuthorities {
  return { hostname, certificates: certificates.map(({ fingerprint, pem }) => ({ fingerprint, pem })) };
}

function isAsWished(known: VisitorAuthorities, { name, certificates }: VisitorAuthoritiesDraft): boolean {
  const same = known.certificates.length === certificates.length;
  return (
    same &&
    known.name === name &&
    known.certificates.every(({ fingerprint }, index) => fingerprint === certificates[index]?.fingerprint)
  );
}

function misplaced(zone: Zone, hostname: Hostname, world: Circumstances): Problem | null {
  if (!isWithin(hostname, zone.name)) return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`);
  const below = zoneBelow(zone, hostname, world);
  return below === null ? null : problem('hostname_outside_zone', `${hostname} is in ${below.name}`);
}

// Only what comes new is refused: a limit that was lowered must not keep anybody from changing what is there.
function overLimit(zone: Zone, draft: VisitorAuthoritiesDraft, { limits }: Circumstances): Problem | null {
  const { visitorAuthoritiesPerHostname: certificates, visitorAuthoritiesPerZone: hostnames } = limits;
  if (draft.certificates.length === 0) return problem('visitor_authority_unfit', 'there is none', '/certificates');
  if (draft.certificates.length > certificates) {
    const rule = `${draft.certificates.length} certificates, ${certificates} are allowed`;
    return problem(
      'visitor_authority_unfit',
      `${rule} (${limitKey('visitorAuthoritiesPerHostname')})`,
      '/certificates',
    );
  }
  if (zone.visitorAuthorities.has(draft.hostname) || zone.visitorAuthorities.size < hostnames) return null;
  return problem('too_many_hostnames', `${hostnames} are allowed (${limitKey('visitorAuthoritiesPerZone')})`);
}
