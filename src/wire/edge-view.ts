import { z } from 'zod';
import type { Instant, Revision } from '../domain/ids.ts';
import { TIME, type View } from './answer-fields.ts';
import { type EdgeListening, REACHED_BY } from './feed.ts';
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

const HOST_PORT = z.string().meta({ examples: ['203.0.113.7:8443'] });

const LISTENING = z
  .strictObject({
    https: HOST_PORT.meta({ description: 'Where it listens for visitors over TLS.', examples: ['[::]:8443'] }),
    http: HOST_PORT.nullable().meta({ description: 'Where it listens without TLS.', examples: ['[::]:8080'] }),
    reached: z
      .array(HOST_PORT)
      .meta({ description: 'Where visitors reach it over TLS, as far as is known; the best known first.' }),
    reached_by: z.enum(REACHED_BY).meta({
      description:
        'How that is known. operator: somebody said so (--public-address). listener: it listens just there. machine: it listens everywhere, and the machine has these addresses.',
    }),
  })
  .meta({ id: 'EdgeListening', description: 'Where an edge takes visitors, each as HOST:PORT.' });

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
    listening: LISTENING.nullable().meta({ description: 'null where it is absent, or does not tell.' }),
    traffic: TRAFFIC.nullable().meta({ description: 'null where it does not tell.' }),
  })
  .meta({ id: 'Edge', description: 'An edge, what it has in force, and what it does.' });

/** What the control plane knows of an edge. */
interface EdgeFacts {
  readonly name: string;
  readonly connected: boolean;
  readonly connectedAt: Instant | null;
  readonly listening: EdgeListening | null;
  readonly applied: number;
  readonly rejected: { readonly revision: number; readonly because: string } | null;
}

/** An edge as the API shows it: where it stands, and what it does where it tells. */
export function edgeView(
  { name, connected, connectedAt, listening, applied, rejected }: EdgeFacts,
  { revision, figures }: { readonly revision: Revision; readonly figures: EdgeFigures | undefined },
): View<typeof EDGE> {
  return {
    name,
    connected,
    connected_since: connectedAt === null ? null : moment(connectedAt),
    applied_revision: applied,
    lag: Math.max(0, revision - applied),
    rejected,
    listening: listening === null ? null : listeningView(listening),
    traffic: figures === undefined ? null : trafficView(figures),
  };
}

function listeningView({ https, http, reached, reachedBy }: EdgeListening): View<typeof LISTENING> {
  return { https, http, reached: [...reached], reached_by: reachedBy };
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
