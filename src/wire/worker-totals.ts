import { added, merge, NO_FIGURES, type Snapshot, type Sums } from './metrics.ts';

/** What workers have counted, those included that have ended: a counter never goes back because one was replaced. */
export interface WorkerTotals {
  /** The counters of workers that have ended. */
  readonly retired: Sums;
  /** What each living worker said last. */
  readonly latest: ReadonlyMap<string, Snapshot>;
}

export const NO_WORKERS: WorkerTotals = { retired: {}, latest: new Map() };

/** A worker has told its figures. One whose counters are lower than before was started anew under the same name. */
export function reported(totals: WorkerTotals, worker: string, snapshot: Snapshot): WorkerTotals {
  const before = totals.latest.get(worker);
  const { retired, latest } =
    before !== undefined && beganAnew(before.counters, snapshot.counters) ? ended(totals, worker) : totals;
  return { retired, latest: new Map(latest).set(worker, snapshot) };
}

/** A worker has ended: what it counted stays, what it held is gone. */
export function ended(totals: WorkerTotals, worker: string): WorkerTotals {
  const last = totals.latest.get(worker);
  if (last === undefined) return totals;
  const latest = new Map(totals.latest);
  latest.delete(worker);
  return { retired: added(totals.retired, last.counters), latest };
}

/** All workers together. */
export function total({ retired, latest }: WorkerTotals): Snapshot {
  return [...latest.values()].reduce(merge, { ...NO_FIGURES, counters: retired });
}

function beganAnew(before: Sums, now: Sums): boolean {
  return Object.entries(before).some(([series, value]) => (now[series] ?? 0) < value);
}
