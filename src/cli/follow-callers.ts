import { setTimeout as after } from 'node:timers/promises';
import { callerRound, type SendCallers, type WatchedLog } from '../origin/watch/caller-round.ts';
import type { CallerReport } from '../wire/callers.ts';
import { Refusal } from './api.ts';
import { sentences } from './failure.ts';
import { note } from './print.ts';

interface Following {
  readonly watched: WatchedLog;
  readonly send: SendCallers;
  readonly told: (report: CallerReport) => void;
  /** Milliseconds. */
  readonly interval: number;
}

/** The token is revoked, over, or may not report: nobody counts by it any more. */
const ENDED: ReadonlySet<number> = new Set([401, 403]);

/**
 * Reports who comes again and again, until it is called off or its token ends. What cannot be sent now is sent later. Of
 * reports without a caller the first is told.
 */
export async function followCallers({ watched, send, told, interval }: Following, signal: AbortSignal): Promise<void> {
  let said = '';
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const { reports, notes } = await callerRound(watched, { send, now: Date.now });
      const text = notes.join(' ');
      if (text !== said) note(...notes);
      said = text;
      for (const report of reports) {
        if (isFirst || report.counts.length > 0 || report.by_other_names !== undefined) told(report);
        isFirst = false;
      }
    } catch (error) {
      if (error instanceof Refusal && ENDED.has(error.status)) throw error;
      note(notReported(error));
    }
    await after(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** That nobody took a report, in a line. */
export function notReported(error: unknown): string {
  return `Not reported: ${sentences(error).text.replace('\n ', '')}`;
}
