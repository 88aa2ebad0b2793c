import type { Analytics, Reason } from '../../api/analytics.ts';

/** What is counted at a moment is told of the step in which an edge told it: a second later, or two. */
const TOLD_AFTER = 2_000;

/** Pulls that failed since a moment, and since when that was looked for. */
export interface FailedPulls {
  /** RFC 3339; `null` where the moment is older than what is asked for. */
  readonly since: string | null;
  /** The most frequent first. */
  readonly reasons: readonly Reason[];
}

/**
 * Why pulls failed in steps that began after a moment, looks of Postern itself left out: what was counted in the step of the
 * moment itself may be of before.
 */
export function failedSince({ since: begins, step, series }: Analytics, moment: string): FailedPulls {
  const begin = Date.parse(begins);
  const first = Math.max(0, Math.ceil((Date.parse(moment) + TOLD_AFTER - begin) / (step * 1_000)));
  const sums = new Map<string, number>();
  for (const { name, labels, points } of series) {
    const sign = name === 'failures' ? 1 : name === 'look_failures' ? -1 : 0;
    const { reason } = labels;
    if (sign === 0 || reason === undefined) continue;
    const counted = points.slice(first).reduce((sum: number, point) => sum + (point ?? 0), 0);
    sums.set(reason, (sums.get(reason) ?? 0) + sign * counted);
  }
  const reasons = [...sums]
    .map(([reason, count]) => ({ reason, count }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
  return { since: Date.parse(moment) > begin ? moment : null, reasons };
}

/** The later of two moments. */
export function later(one: string, other: string): string {
  return Date.parse(one) >= Date.parse(other) ? one : other;
}
