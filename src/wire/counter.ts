import type { MetricName } from './metric-table.ts';
import { seriesKey } from './metrics.ts';

/**
 * A count for each combination of a few labels with few values, in one array: counting is one addition. What the values
 * are is known when it is made, so a request cannot add one.
 */
export class Counter {
  readonly #metric: MetricName;
  readonly #labels: readonly (readonly string[])[];
  readonly #cells: Float64Array;

  constructor(metric: MetricName, ...labels: readonly (readonly string[])[]) {
    this.#metric = metric;
    this.#labels = labels;
    this.#cells = new Float64Array(labels.reduce((size, values) => size * values.length, 1));
  }

  /** The place of a combination, named by the index of each label's value. */
  place(...indexes: readonly number[]): number {
    return this.#labels.reduce((at, values, label) => at * values.length + (indexes[label] ?? 0), 0);
  }

  /** The place of a combination by the values themselves; -1, which counts nothing, where one is not known. */
  named(...values: readonly string[]): number {
    const indexes = this.#labels.map((known, label) => known.indexOf(values[label] ?? ''));
    return indexes.includes(-1) ? -1 : this.place(...indexes);
  }

  add(place: number, by = 1): void {
    const before = this.#cells[place];
    if (before !== undefined) this.#cells[place] = before + by;
  }

  /** Writes what was counted. Combinations that never occurred are left out. */
  write(into: Record<string, number>): void {
    // Nearly all are nought, and there are counters for each zone.
    for (let place = 0; place < this.#cells.length; place++) {
      const count = this.#cells[place] ?? 0;
      if (count !== 0 || this.#labels.length === 0) into[seriesKey(this.#metric, ...this.#values(place))] = count;
    }
  }

  /** Writes what was counted and begins anew. */
  take(into: Record<string, number>): void {
    this.write(into);
    this.#cells.fill(0);
  }

  #values(place: number): readonly string[] {
    let rest = place;
    const values: string[] = [];
    for (const known of this.#labels.toReversed()) {
      values.unshift(known[rest % known.length] ?? '');
      rest = Math.floor(rest / known.length);
    }
    return values;
  }
}
