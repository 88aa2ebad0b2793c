import type { Instant, Revision } from '../domain/ids.ts';
import { type EdgeFigures, type Snapshot, seriesKey } from './metrics.ts';
import { moment } from './views.ts';

/** What the control plane knows of an edge. */
interface EdgeFacts {
  readonly name: string;
  readonly connected: boolean;
  readonly connectedAt: Instant | null;
  readonly applied: number;
  readonly rejected: { readonly revision: number; readonly because: string } | null;
}

/** An edge as the API shows it: where it stands, and what it does where it tells. */
export function edgeView(
  { name, connected, connectedAt, applied, rejected }: EdgeFacts,
  { revision, figures }: { readonly revision: Revision; readonly figures: EdgeFigures | undefined },
) {
  return {
    name,
    connected,
    connected_since: connectedAt === null ? null : moment(connectedAt),
    applied_revision: applied,
    /** How many revisions it is behind. */
    lag: Math.max(0, revision - applied),
    rejected,
    traffic: figures === undefined ? null : trafficView(figures),
  };
}

function trafficView({ workers, snapshot }: EdgeFigures) {
  const { gauges } = snapshot;
  return {
    workers,
    requests_per_second: Math.round(((gauges['requests_last_minute'] ?? 0) / 60) * 10) / 10,
    requests: requests(snapshot),
    visitor_connections: sum(
      gauges,
      ['http', 'https'].map((scheme) => seriesKey('visitor_connections', scheme)),
    ),
    origin_connections: sum(
      gauges,
      ['busy', 'idle'].map((state) => seriesKey('origin_connections', state)),
    ),
    pulls_waiting: gauges['pulls_waiting'] ?? 0,
  };
}

function requests({ counters }: Snapshot): number {
  return sum(
    counters,
    Object.keys(counters).filter((series) => series.startsWith('requests_total|')),
  );
}

function sum(sums: Snapshot['gauges'], series: readonly string[]): number {
  return series.reduce((whole, one) => whole + (sums[one] ?? 0), 0);
}
