import { processFigures } from '../wire/process-figures.ts';
import { type Figures, merge, type Snapshot } from '../wire/metrics.ts';
import type { Traffic } from '../wire/traffic.ts';
import { ended, NO_WORKERS, reported, total } from '../wire/worker-totals.ts';

/** Where the API asks for the figures of the edges of this machine. */
export interface FiguresDesk {
  /** From now on this edge, which is in this process, is asked at each reading. */
  readonly join: (edge: string, counting: Counting) => void;
  /** An edge in a process of its own has told what it has counted. */
  readonly reported: (edge: string, snapshot: Snapshot) => void;
  /** It has told what its zones and hostnames have counted since it told so last. */
  readonly counted: (traffic: Traffic) => void;
  /** It has ended: what it counted stays. */
  readonly ended: (edge: string) => void;
  readonly read: () => Promise<Figures>;
  /** What zones and hostnames have counted since the last call. */
  readonly takeTraffic: () => readonly Traffic[];
}

/** An edge that is asked. */
interface Counting {
  readonly snapshot: () => Snapshot;
  readonly takeTraffic: () => Traffic;
}

/** A desk that knows of no edge yet. */
export function figuresDesk(): FiguresDesk {
  const joined = new Map<string, Counting>();
  let totals = NO_WORKERS;
  let traffic: Traffic[] = [];
  const report = (edge: string, snapshot: Snapshot): void => {
    totals = reported(totals, edge, snapshot);
  };
  return {
    join: (edge, counting) => void joined.set(edge, counting),
    reported: report,
    counted: (told) => void traffic.push(told),
    ended: (edge) => {
      totals = ended(totals, edge);
    },
    read: async () => {
      for (const [edge, { snapshot }] of joined) report(edge, snapshot());
      const edges = [...totals.latest].map(([edge, snapshot]) => ({ edge, workers: 1, snapshot }));
      return { total: merge(total(totals), processFigures('main')), edges };
    },
    takeTraffic: () => {
      const taken = [...traffic, ...[...joined.values()].map(({ takeTraffic }) => takeTraffic())];
      traffic = [];
      return taken;
    },
  };
}
