import { instant, type ZoneId } from '../../domain/ids.ts';
import type {
  AnalyticsSeries,
  AnalyticsSpan,
  AnalyticsTotals,
  AnalyticsView,
  HostnameTraffic,
} from '../../wire/analytics.ts';
import { added } from '../../wire/metrics.ts';
import { moment } from '../../wire/views.ts';
import { type Breakdown, breakdown, quantile, reuse } from './breakdown.ts';
import { type HostHour, type HourCounts, together } from './busiest-hostnames.ts';
import type { Analytics, HostnameHours } from './collector.ts';

/** How many hostnames stand in an answer about everything. */
const BUSIEST = 10;
const QUANTILES = { p50: 0.5, p90: 0.9, p99: 0.99 } as const;

/** What was counted in a span, as the API tells it: of a zone, or of all for null. */
export function analyticsView(analytics: Analytics, zone: ZoneId | null, last: AnalyticsSpan): AnalyticsView {
  const { since, until } = analytics.bounds(zone);
  const { step, stretches } = analytics.course(zone, last);
  const parts = stretches.map(({ counts }) => (counts === null ? null : breakdown(counts)));
  const all = breakdown(stretches.map(({ counts }) => counts ?? {}).reduce(added, {}));
  const hours = analytics.hostnames(zone);
  return {
    last,
    since: time(stretches[0]?.from ?? until),
    until: time(until),
    counted_since: time(since),
    step: step / 1_000,
    series: series(parts, all, zone === null),
    totals: totals(all, zone === null),
    last_hour: lastHour(hours),
    hostnames: busiest(hours.hostnames).map(hostnameView),
  };
}

/** Ways to sort hostnames: by what most was counted of, or by name. */
export const HOSTNAME_ORDERS = ['pulls', 'without_certificate', 'plaintext', 'refused', 'failed', 'hostname'] as const;
type HostnameOrder = (typeof HOSTNAME_ORDERS)[number];

const SORTED_BY: Readonly<Record<Exclude<HostnameOrder, 'hostname'>, keyof HourCounts>> = {
  pulls: 'pulls',
  without_certificate: 'without',
  plaintext: 'plaintext',
  refused: 'refused',
  failed: 'failed',
};

/** Hostnames in an order: the most first, and names from a to z. */
export function inOrder(hostnames: readonly HostHour[], order: HostnameOrder): readonly HostHour[] {
  const byName = (one: HostHour, other: HostHour) => (one.hostname < other.hostname ? -1 : 1);
  if (order === 'hostname') return hostnames.toSorted(byName);
  const field = SORTED_BY[order];
  return hostnames.toSorted((one, other) => other[field] - one[field] || byName(one, other));
}

// Kept short while it grows: there may be fifty thousand.
function busiest(hostnames: readonly HostHour[]): readonly HostHour[] {
  const kept: HostHour[] = [];
  for (const one of hostnames) {
    const least = kept.at(-1);
    if (kept.length === BUSIEST && least !== undefined && least.pulls >= one.pulls) continue;
    kept.push(one);
    kept.sort((a, b) => b.pulls - a.pulls || (a.hostname < b.hostname ? -1 : 1));
    if (kept.length > BUSIEST) kept.pop();
  }
  return kept;
}

/** What a hostname was asked in the last hour. */
export function hostnameView({ hostname, zone, lastAt, ...counts }: HostHour): HostnameTraffic {
  return { hostname, zone, ...hourView(counts), last_at: time(lastAt) };
}

function lastHour({ since, hostnames, others }: HostnameHours): AnalyticsView['last_hour'] {
  const all = together([together(hostnames), others]);
  return { since: time(since), hostnames: hostnames.length, ...hourView(all), left_out: hourView(others) };
}

function hourView({ pulls, without, plaintext, refused, failed }: HourCounts) {
  return { pulls, without_certificate: without, plaintext, refused, failed };
}

type Points = (of: (part: Breakdown) => number | null) => AnalyticsSeries['points'];

function series(parts: readonly (Breakdown | null)[], all: Breakdown, everything: boolean): readonly AnalyticsSeries[] {
  const points: Points = (of) => parts.map((part) => (part === null ? null : of(part)));
  const lines: AnalyticsSeries[] = [
    ...counted('pulls', 'outcome', all.pulls, (part) => part.pulls, points),
    ...reasons('failures', all.failures, (part) => part.failures, points),
    ...reasons('look_failures', all.lookFailures, (part) => part.lookFailures, points),
    ...counted('certificates', 'shown', all.certificates, (part) => part.certificates, points),
    ...reasons('edge_answers', all.edgeAnswers, (part) => part.edgeAnswers, points),
    ...counted('handshakes', 'outcome', all.handshakes, (part) => part.handshakes, points),
    ...reasons('handshake_failures', all.handshakeFailures, (part) => part.handshakeFailures, points),
    ...counted('connections', 'connection', all.connections, (part) => part.connections, points),
    { name: 'reuse', labels: {}, points: points(reuse) },
    ...Object.entries(QUANTILES).map(([name, share]) => ({
      name: 'first_byte_seconds' as const,
      labels: { quantile: name },
      points: points((part) => quantile(part, share)),
    })),
    ...counted('bytes', 'direction', all.bytes, (part) => part.bytes, points),
  ];
  if (!everything) return lines;
  const { visitorHandshakes } = all;
  return [...lines, ...counted('visitor_handshakes', 'outcome', visitorHandshakes, (p) => p.visitorHandshakes, points)];
}

type Name = AnalyticsSeries['name'];

/** Lines of what is always told, even where nothing was counted. */
function counted(
  name: Name,
  label: string,
  all: Readonly<Record<string, number>>,
  of: (part: Breakdown) => Readonly<Record<string, number>>,
  points: Points,
): readonly AnalyticsSeries[] {
  return Object.keys(all).map((value) => ({
    name,
    labels: { [label]: value },
    points: points((part) => of(part)[value] ?? 0),
  }));
}

/** Lines of what has many names, most of which never occur. */
function reasons(
  name: Name,
  all: ReadonlyMap<string, number>,
  of: (part: Breakdown) => ReadonlyMap<string, number>,
  points: Points,
): readonly AnalyticsSeries[] {
  return [...all.keys()]
    .toSorted()
    .map((reason) => ({ name, labels: { reason }, points: points((part) => of(part).get(reason) ?? 0) }));
}

function totals(all: Breakdown, everything: boolean): AnalyticsTotals {
  const { pulls, certificates, handshakes, connections, bytes } = all;
  return {
    pulls: { all: Object.values(pulls).reduce((whole, one) => whole + one, 0), ...pulls },
    failures: mostFirst(all.failures),
    look_failures: mostFirst(all.lookFailures),
    certificates,
    edge_answers: mostFirst(all.edgeAnswers),
    handshakes,
    handshake_failures: mostFirst(all.handshakeFailures),
    connections,
    reuse: reuse(all),
    first_byte_seconds: {
      p50: quantile(all, QUANTILES.p50),
      p90: quantile(all, QUANTILES.p90),
      p99: quantile(all, QUANTILES.p99),
    },
    bytes,
    visitor_handshakes: everything ? all.visitorHandshakes : null,
  };
}

function mostFirst(counts: ReadonlyMap<string, number>): AnalyticsTotals['failures'] {
  return [...counts]
    .toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([reason, count]) => ({ reason, count }));
}

function time(milliseconds: number): string {
  return moment(instant(milliseconds));
}
