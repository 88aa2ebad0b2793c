import type { AnalyticsView, HostnameTraffic as HostnameTrafficView } from '../../../src/wire/analytics.ts';
import type { ChartSeries, Tint } from '../parts/chart.tsx';

/** What the edges counted, step by step: `/postern/v1/analytics`, and the same of one zone. */
export type Analytics = AnalyticsView;

/** How often something ended for one reason, by its code. */
export type Reason = Analytics['totals']['failures'][number];

/** What a hostname was asked in the last hour: `…/analytics/hostnames`. */
export type HostnameTraffic = HostnameTrafficView;

/** Outcomes of pulls, in the order in which they are shown. */
const OUTCOMES: readonly {
  readonly outcome: Exclude<keyof Analytics['totals']['pulls'], 'all'>;
  readonly name: string;
  readonly tint: Tint;
}[] = [
  { outcome: 'answered', name: 'Answered', tint: 'accent' },
  { outcome: 'refused', name: 'Refused', tint: 'open' },
  { outcome: 'failed', name: 'Failed', tint: 'broken' },
  { outcome: 'cut', name: 'Cut off', tint: 'unknown' },
  { outcome: 'visitor_gone', name: 'Visitor gone', tint: 'text' },
];

/** When each whole step began, in seconds; the one under way is left out, for it would look like a fall. */
export function stepTimes({ since, step, series }: Analytics): readonly number[] {
  const begin = Date.parse(since) / 1000;
  const steps = Math.max(0, ...series.map(({ points }) => points.length)) - 1;
  return Array.from({ length: Math.max(0, steps) }, (_, index) => begin + index * step);
}

/** Pulls per second by outcome; of those that never occurred only what is always shown. */
export function pullRates({ series, step }: Analytics): readonly ChartSeries[] {
  return OUTCOMES.flatMap(({ outcome, name, tint }) => {
    const counted = series.find((one) => one.name === 'pulls' && one.labels['outcome'] === outcome);
    const points = (counted?.points ?? []).slice(0, -1);
    const isRare = outcome === 'cut' || outcome === 'visitor_gone';
    if (isRare && !points.some((point) => point !== null && point > 0)) return [];
    const rates = points.map((point) => (point === null ? null : point / step));
    return [{ name, tint, points: rates, filled: outcome === 'answered' }];
  });
}

/** So many a second, in as few digits as say it. */
export function rateText(rate: number): string {
  if (rate === 0) return '0';
  return `${rate >= 100 ? Math.round(rate).toLocaleString() : Number(rate.toPrecision(2))}/s`;
}
