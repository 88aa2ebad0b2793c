import { z } from 'zod';
import type { Hostname, Instant } from '../domain/ids.ts';
import { HOST, TIME, type View } from './answer-fields.ts';
import { NAME } from './schemas.ts';
import { moment } from './views.ts';

/** One request that the control plane makes of an edge, as any visitor would. */

export const EDGE_VISIT_BODY = z.strictObject({ hostname: NAME.meta({ examples: ['www.example.test'] }) });

export const EDGE_VISIT = z
  .strictObject({
    hostname: HOST,
    visited_on: TIME,
    status: z
      .int()
      .nullable()
      .meta({ description: 'What the edge answered: the status of the origin, or of a page of its own.' }),
    why: z.string().nullable().meta({ description: 'Why there was no answer; null where there was one.' }),
  })
  .meta({ id: 'EdgeVisit', description: 'A visit through the edge. What the origin saw of it, the origin tells.' });

/** What came of a visit. */
export interface EdgeVisit {
  readonly hostname: Hostname;
  readonly at: Instant;
  readonly status: number | null;
  readonly why: string | null;
}

export function edgeVisitView({ hostname, at, status, why }: EdgeVisit): View<typeof EDGE_VISIT> {
  return { hostname, visited_on: moment(at), status, why };
}
