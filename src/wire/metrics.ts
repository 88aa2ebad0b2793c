import type { MetricName } from './metric-table.ts';

/** Whole numbers by series: the name of a metric and the values of its labels, joined by `|` (`seriesKey`). */
export type Sums = Readonly<Record<string, number>>;

/**
 * What a process has counted since it started, and what it holds at this moment. Plain values, so that it can travel as
 * JSON; whole numbers, so that adding them up in any order gives the same. Times are in microseconds.
 */
export interface Snapshot {
  /** Only ever grow while the process lives. */
  readonly counters: Sums;
  readonly gauges: Sums;
}

/** What the workers of one edge say together. */
export interface EdgeFigures {
  /** The name by which the edge says hello to the feed. */
  readonly edge: string;
  readonly workers: number;
  readonly snapshot: Snapshot;
}

/** What the edges of an installation say: together, those that have ended included, and each for itself. */
export interface Figures {
  readonly total: Snapshot;
  readonly edges: readonly EdgeFigures[];
}

export const NO_FIGURES: Snapshot = { counters: {}, gauges: {} };

/** Where no edge tells. */
export const NOTHING_COUNTED: Figures = { total: NO_FIGURES, edges: [] };

/** Upper bounds of the buckets of every histogram, in seconds. */
export const BUCKETS = [
  0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/** The series of a metric under values of its labels. */
export function seriesKey(metric: MetricName, ...values: readonly string[]): string {
  return [metric, ...values.map((value) => value.replaceAll('|', '/'))].join('|');
}

/** Two snapshots as if one process had counted both. */
export function merge(one: Snapshot, other: Snapshot): Snapshot {
  return { counters: added(one.counters, other.counters), gauges: added(one.gauges, other.gauges) };
}

/** Sums added series by series. */
export function added(one: Sums, other: Sums): Sums {
  const sums = new Map(Object.entries(one));
  for (const [series, value] of Object.entries(other)) sums.set(series, (sums.get(series) ?? 0) + value);
  return Object.fromEntries(sums);
}
