import type { MetricName } from './metric-table.ts';
import { BUCKETS, seriesKey } from './metrics.ts';

const BOUNDS = Float64Array.from(BUCKETS, (seconds) => seconds * 1_000);

/** How often something took how long: buckets of fixed width in one array. */
export class Histogram {
  readonly #metric: MetricName;
  readonly #labels: readonly string[];
  readonly #cells = new Float64Array(BUCKETS.length + 1);
  #microseconds = 0;

  constructor(metric: MetricName, ...labels: readonly string[]) {
    this.#metric = metric;
    this.#labels = labels;
  }

  observe(milliseconds: number): void {
    let at = 0;
    while (milliseconds > (BOUNDS[at] ?? Number.POSITIVE_INFINITY)) at++;
    this.#cells[at] = (this.#cells[at] ?? 0) + 1;
    // Whole numbers, so that sums of many workers do not depend on the order in which they are added.
    this.#microseconds += Math.round(milliseconds * 1_000);
  }

  write(into: Record<string, number>): void {
    for (let at = 0; at < this.#cells.length; at++) {
      const count = this.#cells[at] ?? 0;
      if (count !== 0) into[seriesKey(this.#metric, ...this.#labels, String(at))] = count;
    }
    into[seriesKey(this.#metric, ...this.#labels, 'sum')] = this.#microseconds;
  }

  /** Writes what was observed and begins anew. */
  take(into: Record<string, number>): void {
    this.write(into);
    this.#cells.fill(0);
    this.#microseconds = 0;
  }
}
