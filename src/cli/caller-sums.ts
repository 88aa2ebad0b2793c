import { addedCallers, type CallerCounts, certified, comers, NO_CALLERS, refusable } from '../domain/callers.ts';
import type { CallerReport } from '../wire/callers.ts';
import { visible } from '../wire/visible.ts';

/** Who came in all reports of a command, for the person at its terminal: what a report says by itself begins at nought. */
export class CallerSums {
  readonly #sums = new Map<string, CallerCounts>();
  readonly #said = new Map<string, string>();
  #others = NO_CALLERS;

  add(report: CallerReport): void {
    for (const { hostname, ...counts } of callerTotals(report))
      this.#sums.set(hostname, addedCallers(this.#sums.get(hostname) ?? NO_CALLERS, counts));
    this.#others = addedCallers(this.#others, totalByOtherNames(report));
  }

  /** What came since the report before: each hostname in a line of its own. */
  ofOneReport(): string {
    return this.#lines('since the last report')
      .map(([, text]) => text)
      .join('\n');
  }

  /** All who came while the command runs: those lines that are others than before; empty where none is. */
  news(): string {
    const news = this.#lines('so far').filter(([about, text]) => this.#said.get(about) !== text);
    for (const [about, text] of news) this.#said.set(about, text);
    return news.map(([, text]) => text).join('\n');
  }

  /** A line for each hostname, and one for who came by none of them where somebody did. */
  #lines(since: string): readonly (readonly [about: string, text: string])[] {
    const own = [...this.#sums].map(
      ([hostname, counts]) => [hostname, `${visible(hostname)} ${since}: ${spoken(counts)}`] as const,
    );
    return comers(this.#others) === 0 ? own : [...own, ['', `Other name or none ${since}: ${otherwise(this.#others)}`]];
  }
}

/** The sum of a report for each of its hostnames. */
export function callerTotals({ hostnames, counts }: CallerReport) {
  return hostnames.map((hostname) => ({
    hostname,
    ...counts.filter((one) => one.hostname === hostname).reduce((sum, one) => addedCallers(sum, one), NO_CALLERS),
  }));
}

/** The sum of a report of those who came by no name of the lock. */
export function totalByOtherNames({ by_other_names: others = [] }: CallerReport): CallerCounts {
  return others.reduce((sum, one) => addedCallers(sum, one), NO_CALLERS);
}

// What shows a certificate is refused as well where the server does not have the name that it came by.
function otherwise(counts: CallerCounts): string {
  const shown = certified(counts);
  const refused = refusable(counts);
  return [
    ...(refused === 0 ? [] : [`${refused} would be refused too`]),
    ...(shown === 0 ? [] : [`${shown} with certificate, perhaps refused`]),
  ].join(', ');
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
