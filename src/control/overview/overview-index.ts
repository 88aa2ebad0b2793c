import type { ZoneLocks } from '../../domain/attestation.ts';
import { type Expiry, sooner } from '../../domain/expiry.ts';
import type { ZoneId } from '../../domain/ids.ts';
import type { Concern } from '../../domain/notice.ts';
import type { Zone } from '../../domain/zone.ts';
import { inOrder, type ZoneOrder, type ZoneOverview, zoneOverview } from '../../domain/zone-overview.ts';
import type { ZoneEntry } from '../zones.ts';

interface IndexParts {
  readonly entries: () => Iterable<ZoneEntry>;
  readonly locks: (zone: ZoneId) => ZoneLocks;
  readonly concerns: (zone: Zone) => readonly Concern[];
}

interface Kept {
  readonly entry: ZoneEntry;
  readonly row: ZoneOverview;
}

/**
 * The rows of all zones, kept: one is worked out anew only when its zone was changed, or something else was seen of it.
 * So a list of ten thousand zones costs a look at each, and work for those few that are not as they were.
 */
export class OverviewIndex {
  readonly #parts: IndexParts;
  readonly #kept = new Map<ZoneId, Kept>();
  readonly #touched = new Set<ZoneId>();
  readonly #orders = new Map<ZoneOrder, readonly ZoneId[]>();
  readonly #sorted = new Map<ZoneOrder, readonly ZoneOverview[]>();
  #expiries: readonly Expiry[] | null = null;

  constructor(parts: IndexParts) {
    this.#parts = parts;
  }

  /** Something else is known of a zone than before. */
  touch(zone: ZoneId): void {
    this.#touched.add(zone);
  }

  /** Whatever was known of zones, it may be otherwise. */
  touchAll(): void {
    for (const zone of this.#kept.keys()) this.#touched.add(zone);
  }

  /** The rows in an order. */
  rows(order: ZoneOrder): readonly ZoneOverview[] {
    this.#refresh();
    const known = this.#sorted.get(order);
    if (known !== undefined) return known;
    // From the order before on: what is nearly sorted is sorted in one pass.
    const before = new Set(this.#orders.get(order));
    for (const id of this.#kept.keys()) before.add(id);
    const rows = [...before].flatMap((id) => this.#kept.get(id)?.row ?? []).toSorted(inOrder(order));
    this.#sorted.set(order, rows);
    this.#orders.set(
      order,
      rows.map(({ id }) => id),
    );
    return rows;
  }

  /** Everything of all zones that ends, the soonest first. */
  expiries(): readonly Expiry[] {
    this.#refresh();
    this.#expiries ??= [...this.#kept.values()].flatMap(({ row }) => row.expiries).toSorted(sooner);
    return this.#expiries;
  }

  #refresh(): void {
    let changed = false;
    let count = 0;
    for (const entry of this.#parts.entries()) {
      const { id } = entry.zone;
      count += 1;
      if (this.#kept.get(id)?.entry === entry && !this.#touched.has(id)) continue;
      this.#kept.set(id, { entry, row: this.#row(entry) });
      changed = true;
    }
    if (count < this.#kept.size) changed = this.#sweep() || changed;
    this.#touched.clear();
    if (!changed) return;
    this.#sorted.clear();
    this.#expiries = null;
  }

  #sweep(): boolean {
    const present = new Set([...this.#parts.entries()].map(({ zone }) => zone.id));
    const gone = [...this.#kept.keys()].filter((id) => !present.has(id));
    for (const id of gone) this.#kept.delete(id);
    return gone.length > 0;
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
