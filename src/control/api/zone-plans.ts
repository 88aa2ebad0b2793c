import type { EdgeZone } from '../../domain/edge-zone.ts';
import type { Hostname } from '../../domain/ids.ts';
import type { Zone } from '../../domain/zone.ts';

interface Walk<Row> {
  /** The last name of the page before; `null` for the first page. */
  readonly after: Hostname | null;
  readonly limit: number;
  /** Whether a name may be wanted at all: what costs next to nothing to tell is asked of every name. */
  readonly named?: (hostname: Hostname) => boolean;
  /** How many names are looked at for one page, whether they fit or not. */
  readonly most: number;
  /** What to show of a name, or `null` where it is not wanted. */
  readonly look: (hostname: Hostname) => Row | null;
}

export interface PlanPage<Row> {
  readonly rows: readonly Row[];
  /** The name after which to go on; `null` at the end. */
  readonly next: Hostname | null;
}

/** The names that a zone says something about: those the edge knows, then those that have an association and no record. */
export function* plannedNames(edge: EdgeZone, zone: Zone): Iterable<Hostname> {
  yield* edge.hosts.keys();
  for (const hostname of zone.associations.keys()) if (!edge.hosts.has(hostname)) yield hostname;
}

/**
 * One page of a list that may be very long. Names before it are passed over by comparison alone, and where few names fit
 * a page ends before it is full: no call costs more than `most` looks. `null` where the name to go on from is gone.
 */
export function planPage<Row>(
  names: Iterable<Hostname>,
  { after, limit, named, most, look }: Walk<Row>,
): PlanPage<Row> | null {
  const rows: Row[] = [];
  let begun = after === null;
  let looked = 0;
  let last = after;
  for (const hostname of names) {
    if (!begun) {
      begun = hostname === after;
      continue;
    }
    if (named !== undefined && !named(hostname)) continue;
    if (rows.length >= limit || looked >= most) return { rows, next: last };
    looked += 1;
    last = hostname;
    const row = look(hostname);
    if (row !== null) rows.push(row);
  }
  return begun ? { rows, next: null } : null;
}
