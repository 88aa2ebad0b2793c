import { type Figures, merge, type Snapshot } from '../wire/metrics.ts';
import { NO_WORKERS, reported, total } from '../wire/worker-totals.ts';
import { processFigures } from './process-figures.ts';

/** Where the API asks for the figures of the edge in this process. */
export interface FiguresDesk {
  /** From now on this edge is asked, too. */
  readonly join: (edge: string, snapshot: () => Snapshot) => void;
  readonly read: () => Promise<Figures>;
}

/** A desk that no edge has joined yet. */
export function figuresDesk(): FiguresDesk {
  const joined = new Map<string, () => Snapshot>();
  let totals = NO_WORKERS;
  return {
    join: (edge, snapshot) => void joined.set(edge, snapshot),
    read: async () => {
      const edges = [...joined].map(([edge, snapshot]) => ({ edge, workers: 1, snapshot: snapshot() }));
      for (const { edge, snapshot } of edges) totals = reported(totals, edge, snapshot);
      return { total: merge(total(totals), processFigures('main')), edges };
    },
  };
}
