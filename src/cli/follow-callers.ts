import { setTimeout as after } from 'node:timers/promises';
import { addedCallers, type CallerCounts, NO_CALLERS, refusable } from '../domain/callers.ts';
import { callerRound, type SendCallers, type WatchedLog } from '../origin/watch/caller-round.ts';
import type { CallerReport } from '../wire/callers.ts';
import { visible } from '../wire/visible.ts';
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

/** What was reported of each hostname, in a line of its own. */
export function reportText(report: CallerReport): string {
  const lines = callerTotals(report).map(({ hostname, accepted, without, foreign, unverified, looks }) => {
    const parts = [
      `${accepted} with the certificate of the edge`,
      `${without} without one`,
      `${foreign} with another`,
      ...(unverified === 0 ? [] : [`${unverified} with one that is not verified here`]),
      ...(looks === 0 ? [] : [`${looks} ${looks === 1 ? 'look' : 'looks'} of Postern's own`]),
    ];
    return `${visible(hostname)}: ${parts.join(', ')}`;
  });
  return [...lines, ...otherNamesText(report)].join('\n');
}

function otherNamesText(report: CallerReport): readonly string[] {
  const { accepted, unverified, ...strangers } = totalByOtherNames(report);
  const refused = refusable(strangers);
  const shown = accepted + unverified;
  return [
    ...(refused === 0 ? [] : [`${refused} by another name or by the address: they would be refused too`]),
    ...(shown === 0
      ? []
      : [`${shown} with a certificate, by another name: refused too where the server does not have it`]),
  ];
}

/** The sum of a report of those who came by no name of the lock. */
export function totalByOtherNames({ by_other_names: others = [] }: CallerReport): CallerCounts {
  return others.reduce((sum, one) => addedCallers(sum, one), NO_CALLERS);
}

/** The sum of a report for each of its hostnames. */
export function callerTotals({ hostnames, counts }: CallerReport) {
  return hostnames.map((hostname) => ({
    hostname,
    ...counts.filter((one) => one.hostname === hostname).reduce((sum, one) => addedCallers(sum, one), NO_CALLERS),
  }));
}
