import { processFigures } from '../wire/process-figures.ts';
import { type Figures, merge, type Snapshot } from '../wire/metrics.ts';
import { ended, NO_WORKERS, reported, total } from '../wire/worker-totals.ts';

/** Where the API asks for the figures of the edges of this machine. */
export interface FiguresDesk {
  /** From now on this edge, which is in this process, is asked at each reading. */
  readonly join: (edge: string, snapshot: () => Snapshot) => void;
  /** An edge in a process of its own has told what it has counted. */
  readonly reported: (edge: string, snapshot: Snapshot) => void;
  /** It has ended: what it counted stays. */
  readonly ended: (edge: string) => void;
  readonly read: () => Promise<Figures>;
}

/** A desk that knows of no edge yet. */
export function figuresDesk(): FiguresDesk {
  const joined = new Map<string, () => Snapshot>();
  let totals = NO_WORKERS;
  const report = (edge: string, snapshot: Snapshot): void => {
    totals = reported(totals, edge, snapshot);
  };
  return {
    join: (edge, snapshot) => void joined.set(edge, snapshot),
    reported: report,
    ended: (edge) => {
      totals = ended(totals, edge);
    },
    read: async () => {
      for (const [edge, snapshot] of joined) report(edge, snapshot());
      const edges = [...totals.latest].map(([edge, snapshot]) => ({ edge, workers: 1, snapshot }));
      return { total: merge(total(totals), processFigures('main')), edges };
    },
  };
}
