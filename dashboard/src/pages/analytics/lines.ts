import type { Analytics } from '../../api/analytics.ts';
import type { ChartSeries, Tint } from '../../parts/chart.tsx';

interface Wanted {
  readonly value: string;
  readonly name: string;
  readonly tint: Tint;
}

const CERTIFICATES: readonly Wanted[] = [
  { value: 'hostname', name: 'Of the hostname', tint: 'accent' },
  { value: 'zone', name: 'Of the zone', tint: 'locked' },
  { value: 'global', name: 'Shared by all zones', tint: 'unknown' },
  { value: 'without', name: 'None', tint: 'broken' },
  { value: 'plaintext', name: 'Plain HTTP', tint: 'open' },
];

const HANDSHAKES: readonly Wanted[] = [
  { value: 'full', name: 'Full', tint: 'accent' },
  { value: 'resumed', name: 'Resumed', tint: 'locked' },
  { value: 'failed', name: 'Failed', tint: 'open' },
];

const QUANTILES: readonly Wanted[] = [
  { value: 'p50', name: 'Half within', tint: 'accent' },
  { value: 'p90', name: '9 of 10 within', tint: 'broken' },
  { value: 'p99', name: '99 of 100 within', tint: 'open' },
];

/** Pulls per second by the certificate that they showed. */
export function certificateLines(analytics: Analytics): readonly ChartSeries[] {
  return linesOf(analytics, { name: 'certificates', of: CERTIFICATES, scale: 1 / analytics.step });
}

/** Handshakes with origins per second. */
export function handshakeLines(analytics: Analytics): readonly ChartSeries[] {
  return linesOf(analytics, { name: 'handshakes', of: HANDSHAKES, scale: 1 / analytics.step });
}

/** Seconds until the first byte of an answer, by share. */
export function latencyLines(analytics: Analytics): readonly ChartSeries[] {
  return linesOf(analytics, { name: 'first_byte_seconds', of: QUANTILES, scale: 1 });
}

interface Chosen {
  readonly name: string;
  readonly of: readonly Wanted[];
  readonly scale: number;
}

// The step under way is left out, as in `stepTimes`.
function linesOf({ series }: Analytics, { name, of, scale }: Chosen): readonly ChartSeries[] {
  return of.map((wanted) => {
    const found = series.find((one) => one.name === name && Object.values(one.labels).includes(wanted.value));
    const points = (found?.points ?? []).slice(0, -1).map((point) => (point === null ? null : point * scale));
    return { name: wanted.name, tint: wanted.tint, points };
  });
}

/** A time in milliseconds or seconds, in as few digits as say it. */
export function latencyText(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(2))} s`;
  return `${Number((seconds * 1000).toPrecision(2))} ms`;
}

/** A share in per cent. */
export function shareText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
