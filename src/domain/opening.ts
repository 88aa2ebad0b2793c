import type { Circumstances } from './circumstances.ts';
import { recordsFor } from './compile-hosts.ts';
import { type Hostname, type Instant, instant, isWithin } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import { type Evidence, originKey, type ProofTask } from './proof.ts';
import type { Zone } from './zone.ts';

/**
 * A lock that its owner wants open for a while (break glass): origins of this hostname that follow Postern let everybody in
 * until then, and say who. It stays in the zone after its end until the origins were seen refusing callers again.
 */
export interface Opening {
  readonly hostname: Hostname;
  readonly until: Instant;
  readonly openedAt: Instant;
  readonly by: string;
  readonly because: string;
}

/** No lock stays open for longer without somebody saying so again. */
export const LONGEST_OPENING = 86_400_000;

/** Opens the lock of a hostname, or keeps it open for longer. */
export function openLock(
  zone: Zone,
  { hostname, lasts, by, because }: Pick<Opening, 'hostname' | 'by' | 'because'> & { readonly lasts: number },
  { now, limits }: Circumstances,
): Zone | Problem {
  if (!isWithin(hostname, zone.name))
    return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, '/hostname');
  if (!recordsFor(zone, hostname).some(({ proxied }) => proxied)) {
    return problem('opening_no_origin', hostname, '/hostname');
  }
  if (zone.openings.size >= limits.openingsPerZone && !zone.openings.has(hostname)) {
    return tooMany('openings', 'openingsPerZone', limits);
  }
  const openedAt = zone.openings.get(hostname)?.openedAt ?? now;
  const opening = { hostname, until: instant(now + lasts), openedAt, by, because };
  return { ...zone, openings: new Map(zone.openings).set(hostname, opening) };
}

/** Ends an opening before its time. */
export function closeLock(zone: Zone, hostname: Hostname, { now }: Circumstances): Zone | Problem {
  const opening = zone.openings.get(hostname);
  if (opening === undefined) return problem('opening_not_found', hostname);
  if (opening.until <= now) return zone;
  return { ...zone, openings: new Map(zone.openings).set(hostname, { ...opening, until: now }) };
}

/** Lets go of openings that are over and whose origins refuse callers again. */
export function settleOpenings(zone: Zone, hostnames: readonly Hostname[], { now }: Circumstances): Zone {
  const openings = new Map(zone.openings);
  for (const hostname of hostnames) if ((openings.get(hostname)?.until ?? now) <= now) openings.delete(hostname);
  return openings.size === zone.openings.size ? zone : { ...zone, openings };
}

/** Whether a lock is open now. */
export function isOpen({ until }: Opening, now: Instant): boolean {
  return now < until;
}

/** What the evidence says of locks that should be shut: the origins that answer callers without a certificate, or are not seen. */
export function stillOpen(
  tasks: readonly ProofTask[],
  evidence: ReadonlyMap<string, Evidence>,
  edges: readonly string[],
): readonly ProofTask[] {
  return tasks.filter((task) => {
    const seen = evidence.get(originKey(task));
    if (seen === undefined || edges.some((edge) => !seen.edges.some((one) => one.edge === edge))) return true;
    return seen.edges.some(
      ({ seen: { fault, sights } }) =>
        fault !== null ||
        sights.length === 0 ||
        sights.some(
          ({ none, to }) =>
            // Who answers callers without a certificate, and the edge not, is open: there is nothing to compare with.
            none.kind === 'failed' ||
            (none.kind === 'answered' && (to.kind !== 'answered' || none.status === to.status)),
        ),
    );
  });
}
