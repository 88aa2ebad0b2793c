import { addedCallers, type CallerCounts, comers, NO_CALLERS } from '../domain/callers.ts';
import type { CallerReport } from '../wire/callers.ts';
import { visible } from '../wire/visible.ts';

/** Who came in all reports of a command, for the person at its terminal: what a report says by itself begins at nought. */
export class CallerSums {
  readonly #sums = new Map<string, CallerCounts>();
  readonly #said = new Map<string, string>();

  add(report: CallerReport): void {
    for (const { hostname, ...counts } of callerTotals(report))
      this.#sums.set(hostname, addedCallers(this.#sums.get(hostname) ?? NO_CALLERS, counts));
  }

  /** What came since the report before: each hostname in a line of its own. */
  ofOneReport(): string {
    return [...this.#sums].map(([hostname, counts]) => line(hostname, 'since the last report', counts)).join('\n');
  }

  /** All who came while the command runs: those lines that are others than before; empty where none is. */
  news(): string {
    const lines = [...this.#sums].map(([hostname, counts]) => [hostname, line(hostname, 'so far', counts)] as const);
    const news = lines.filter(([hostname, text]) => this.#said.get(hostname) !== text);
    for (const [hostname, text] of news) this.#said.set(hostname, text);
    return news.map(([, text]) => text).join('\n');
  }
}

function line(hostname: string, since: string, counts: CallerCounts): string {
  return `${visible(hostname)} ${since}: ${spoken(counts)}`;
}

/** The sum of a report for each of its hostnames. */
export function callerTotals({ hostnames, counts }: CallerReport) {
  return hostnames.map((hostname) => ({
    hostname,
    ...counts.filter((one) => one.hostname === hostname).reduce((sum, one) => addedCallers(sum, one), NO_CALLERS),
  }));
}

// Short, so that a line of it is a line of the terminal.
function spoken(counts: CallerCounts): string {
  const { accepted, without, foreign, unverified, looks } = counts;
  // Looks of Postern's own say that the log is read, as long as nothing else does.
  if (comers(counts) === 0)
    return looks === 0 ? 'nobody' : `nobody (but ${looks} ${looks === 1 ? 'look' : 'looks'} by Postern)`;
  const others = [
    ...(without === 0 ? [] : [`${without} without certificate`]),
    ...(foreign === 0 ? [] : [`${foreign} with another`]),
    ...(unverified === 0 ? [] : [`${unverified} not verified here`]),
  ];
  return [`${accepted} via edge`, ...(others.length === 0 ? ['nobody else'] : others)].join(', ');
}
