import { callerReport, type SendCallers, type WatchedLog } from '../origin/watch/caller-round.ts';
import { Tally } from '../origin/watch/tally.ts';
import type { WatchLine } from '../origin/watch/watch-line.ts';
import type { CallerReport } from '../wire/callers.ts';

type ReportName = Pick<WatchedLog, 'host' | 'lock' | 'hostnames' | 'lockNames'>;

/** Counts callers in memory and reports them in turn: what could not be sent is sent again as it was, before anything new. */
export class TallyReports {
  readonly #name: ReportName;
  readonly #told: (report: CallerReport) => void;
  #tally: Tally;
  #pending: CallerReport | null = null;
  #busy = Promise.resolve();

  constructor(name: ReportName, told: (report: CallerReport) => void) {
    this.#name = name;
    this.#told = told;
    this.#tally = new Tally(name);
  }

  add(line: WatchLine, now: number): void {
    this.#tally.add(line, now);
  }

  /** Sends what there is, also where that is nobody: who reports is known by it. Rejects where nobody answered. */
  flush(send: SendCallers): Promise<void> {
    const sent = this.#busy.then(() => this.#send(send));
    this.#busy = sent.catch(() => undefined);
    return sent;
  }

  async #send(send: SendCallers): Promise<void> {
    const isLate = this.#pending !== null;
    await this.#one(send);
    if (isLate) await this.#one(send);
  }

  async #one(send: SendCallers): Promise<void> {
    if (this.#pending === null) {
      this.#pending = callerReport(this.#name, this.#tally);
      this.#tally = new Tally(this.#name);
    }
    if ((await send(this.#pending)) === 'taken') this.#told(this.#pending);
    this.#pending = null;
  }
}
