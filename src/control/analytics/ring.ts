import type { Sums } from '../../wire/metrics.ts';

/** A stretch of time at a fixed step: slot n begins n steps after the epoch. */
export interface RingShape {
  /** Milliseconds. */
  readonly step: number;
  readonly slots: number;
}

/**
 * Sums of the last so many steps, by series. A series that never occurred has no column, and a column has a fixed size:
 * nothing grows with time. Slots only go forward; what comes late counts in the newest.
 */
export class Ring {
  readonly #shape: RingShape;
  readonly #columns = new Map<string, Float64Array>();
  #newest = Number.NEGATIVE_INFINITY;

  constructor(shape: RingShape) {
    this.#shape = shape;
  }

  /** Adds what was counted at a time. */
  add(at: number, counts: Sums): void {
    const place = this.#turn(Math.floor(at / this.#shape.step)) % this.#shape.slots;
    for (const [series, count] of Object.entries(counts)) {
      const column = this.#columns.get(series) ?? this.#column(series);
      column[place] = (column[place] ?? 0) + count;
    }
  }

  /** What was counted in a slot; nothing for one that is too old, or still to come. */
  read(slot: number): Sums {
    if (slot > this.#newest || slot <= this.#newest - this.#shape.slots) return {};
    const place = slot % this.#shape.slots;
    const sums: Record<string, number> = {};
    for (const [series, column] of this.#columns) {
      const count = column[place];
      if (count !== undefined && count !== 0) sums[series] = count;
    }
    return sums;
  }

  #column(series: string): Float64Array {
    const made = new Float64Array(this.#shape.slots);
    this.#columns.set(series, made);
    return made;
  }

  /** Goes to a slot, and clears what lies between: it held what is too old by now. */
  #turn(slot: number): number {
    if (slot <= this.#newest) return this.#newest;
    for (let one = Math.max(this.#newest + 1, slot - this.#shape.slots + 1); one <= slot; one++) {
      for (const column of this.#columns.values()) column[one % this.#shape.slots] = 0;
    }
    this.#newest = slot;
    return slot;
  }
}
