import { z } from 'zod';
import type { Instant, Revision } from '../domain/ids.ts';
import { TIME, type View } from './answer-fields.ts';
import { type EdgeFigures, type Snapshot, seriesKey } from './metrics.ts';
import { moment } from './views.ts';

const WHOLE = z.int().nonnegative();

const TRAFFIC = z
  .strictObject({
    workers: WHOLE.meta({ description: 'Processes that tell of it together.', examples: [1] }),
    requests_per_second: z.number().meta({ description: 'Over the last minute.', examples: [41.5] }),
    requests: WHOLE.meta({ description: 'Since it started.', examples: [12_408] }),
    visitor_connections: WHOLE.meta({ description: 'Open now.', examples: [37] }),
    origin_connections: WHOLE.meta({ description: 'Open now, those included that wait for a pull.', examples: [8] }),
    pulls_waiting: WHOLE.meta({ description: 'Pulls that wait for a connection.', examples: [0] }),
  })
  .meta({ id: 'EdgeTraffic', description: 'What an edge does. Behind by a second at most.' });

export const EDGE = z
  .strictObject({
    name: z.string().meta({ examples: ['local-1'] }),
    connected: z.boolean().meta({ examples: [true] }),
    connected_since: TIME.nullable(),
    applied_revision: z.int().meta({ description: 'The revision that it has in force.', examples: [42] }),
    lag: WHOLE.meta({ description: 'How many revisions it is behind.', examples: [0] }),
    rejected: z
      .strictObject({ revision: z.int(), because: z.string() })
      .nullable()
      .meta({ description: 'The newest revision that it could not put in force, and why.' }),
    traffic: TRAFFIC.nullable().meta({ description: 'null where it does not tell.' }),
  })
  .meta({ id: 'Edge', description: 'An edge, what it has in force, and what it does.' });

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
): View<typeof EDGE> {
  return {
    name,
    connected,
    connected_since: connectedAt === null ? null : moment(connectedAt),
    applied_revision: applied,
    lag: Math.max(0, revision - applied),
    rejected,
    traffic: figures === undefined ? null : trafficView(figures),
  };
}

function trafficView({ workers, snapshot }: EdgeFigures): View<typeof TRAFFIC> {
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
