import type { ZoneLocks } from '../../domain/attestation.ts';
import { type Expiry, sooner } from '../../domain/expiry.ts';
import type { ZoneId } from '../../domain/ids.ts';
import type { Concern } from '../../domain/notice.ts';
import type { Zone } from '../../domain/zone.ts';
import { inOrder, type ZoneOrder, type ZoneOverview, zoneOverview } from '../../domain/zone-overview.ts';
import type { ZoneEntry } from '../zones.ts';
import { exchanged } from './sorted-list.ts';

interface IndexParts {
  readonly ids: () => Iterable<ZoneId>;
  readonly entry: (zone: ZoneId) => ZoneEntry | undefined;
  readonly locks: (zone: ZoneId) => ZoneLocks;
  readonly concerns: (zone: Zone) => readonly Concern[];
}

/** So many rows that changed at once are sorted with all others; fewer are put in their places. */
const FEW = 200;

/**
 * The rows of all zones, kept: one is worked out anew only when its zone was changed, or something else was seen of it.
 * So neither a change nor a list of ten thousand zones costs more than work for those few that are not as they were.
 */
export class OverviewIndex {
  readonly #parts: IndexParts;
  readonly #rows = new Map<ZoneId, ZoneOverview>();
  /** The zones whose rows are not as they should be, or not there. */
  readonly #touched = new Set<ZoneId>();
  readonly #sorted = new Map<ZoneOrder, readonly ZoneOverview[]>();
  #expiries: readonly Expiry[] | null = null;

  constructor(parts: IndexParts) {
    this.#parts = parts;
    this.touchAll();
  }

  /** A zone was made, changed or deleted, or something else is known of it than before. */
  touch(zone: ZoneId): void {
    this.#touched.add(zone);
  }

  /** Whatever was known of zones, it may be otherwise. */
  touchAll(): void {
    for (const zone of this.#parts.ids()) this.#touched.add(zone);
  }

  /** Works out some of the rows that are not as they should be; answers whether there are more. */
  advance(most: number): boolean {
    const some: ZoneId[] = [];
    for (const id of this.#touched) {
      if (some.length >= most) break;
      some.push(id);
    }
    this.#renew(some);
    return this.#touched.size > 0;
  }

  /** The rows in an order. */
  rows(order: ZoneOrder): readonly ZoneOverview[] {
    this.advance(Number.POSITIVE_INFINITY);
    const rows = this.#sorted.get(order) ?? [...this.#rows.values()].toSorted(inOrder(order));
    this.#sorted.set(order, rows);
    return rows;
  }

  /** The row of one zone: no other is worked out for it. */
  row(zone: ZoneId): ZoneOverview | undefined {
    if (this.#touched.has(zone)) this.#renew([zone]);
    return this.#rows.get(zone);
  }

  /** Everything of all zones that ends, the soonest first. */
  expiries(): readonly Expiry[] {
    this.advance(Number.POSITIVE_INFINITY);
    this.#expiries ??= [...this.#rows.values()].flatMap(({ expiries }) => expiries).toSorted(sooner);
    return this.#expiries;
  }

  /** Works out the rows of these zones. */
  #renew(zones: readonly ZoneId[]): void {
    const [gone, come]: [ZoneOverview[], ZoneOverview[]] = [[], []];
    for (const id of zones) {
      this.#touched.delete(id);
      const before = this.#rows.get(id);
      const entry = this.#parts.entry(id);
      if (before !== undefined) gone.push(before);
      if (entry === undefined) {
        this.#rows.delete(id);
        continue;
      }
      const row = this.#row(entry);
      this.#rows.set(id, row);
      come.push(row);
    }
    if (gone.length + come.length > 0) this.#exchange(gone, come);
  }

  #exchange(gone: readonly ZoneOverview[], come: readonly ZoneOverview[]): void {
    const ends = (rows: readonly ZoneOverview[]) => rows.flatMap(({ expiries }) => expiries);
    if (gone.length + come.length > FEW) {
      this.#sorted.clear();
      this.#expiries = null;
      return;
    }
    for (const [order, rows] of this.#sorted) this.#sorted.set(order, exchanged(rows, { gone, come }, inOrder(order)));
    const [ended, ending] = [ends(gone), ends(come)];
    if (this.#expiries === null || ended.length + ending.length > FEW) this.#expiries = null;
    else this.#expiries = exchanged(this.#expiries, { gone: ended, come: ending }, sooner);
  }

  #row({ zone, edge, visitor }: ZoneEntry): ZoneOverview {
    const { locks, concerns } = this.#parts;
    return zoneOverview(zone, {
      edge,
      locks: locks(zone.id),
      concerns: concerns(zone),
      visitor: visitor.notAfter,
    });
  }
}
