import { randomBytes } from 'node:crypto';
import { callerRound, type WatchedLog } from '../origin/watch/caller-round.ts';
import type { CallerReport } from '../wire/callers.ts';
import type { ApiAccess } from './api.ts';
import { CallerSums } from './caller-sums.ts';
import { sentences } from './failure.ts';
import { followCallers } from './follow-callers.ts';
import { OwnCertificates } from './own-certificates.ts';
import { note, progress } from './print.ts';
import { type Asks, sendCallers } from './send-callers.ts';

/** How a person is asked, and what is heard of it. */
export interface AskedNow {
  /** Ends the question: it was taken back, or the command is called off. */
  readonly over: AbortSignal;
  /** The person said yes: from now on files change. */
  readonly agreed: () => void;
}

/** Asks the person at this terminal as the enforcing install does, and carries it out; whether the lock is in force then. */
export type EnforceAsked = (asked: AskedNow) => Promise<boolean>;

interface Watch {
  readonly watched: WatchedLog;
  readonly access: ApiAccess;
  /** Id of the zone. */
  readonly zone: string;
  /** Milliseconds. */
  readonly interval: number;
  /** `null` where there is no terminal, or nobody wants to be asked. */
  readonly enforce: EnforceAsked | null;
}

interface Watched extends Watch {
  readonly own: OwnCertificates;
  readonly sums: CallerSums;
}

/**
 * Reports who comes and, where a person is at the terminal, hears whether it was decided that the lock shall enforce. Then
 * the person is asked: the control plane says that there is something to ask, and nothing else. Resolves with whether it
 * enforces.
 */
export async function watchOrEnforce(how: Watch, signal: AbortSignal): Promise<boolean> {
  const { enforce } = how;
  // The machine's own server is not looked at anew because somebody is asked.
  const watch = { ...how, own: new OwnCertificates(how.zone), sums: new CallerSums() };
  // The same throughout: what is decided between two reports is decided while this runs.
  const command = randomBytes(16).toString('hex');
  while (enforce !== null && !signal.aborted) {
    const wish = new Wish(command);
    await followed(watch, { asks: wish.as('ready'), isTold: true }, AbortSignal.any([signal, wish.came]));
    if (signal.aborted) return false;
    const answer = await asked(watch, { wish, enforce, signal });
    if (answer === 'enforced') return true;
    if (answer === 'not_enforced') break;
  }
  await followed(watch, { isTold: true }, signal);
  return false;
}

interface Asking {
  readonly wish: Wish;
  readonly enforce: EnforceAsked;
  readonly signal: AbortSignal;
}

async function asked(watch: Watched, { wish, enforce, signal }: Asking): Promise<'enforced' | 'not_enforced' | 'gone'> {
  progress('\nEnforce was decided in the dashboard. Nothing is changed before you answer here.\n');
  const agreed = new AbortController();
  // Who comes goes on being told while the person reads, without a word here; the page sees by it that somebody is asked.
  const until = AbortSignal.any([signal, agreed.signal]);
  const silent = followed(watch, { asks: wish.as('asking'), isTold: false }, until).catch(() => undefined);
  try {
    const over = AbortSignal.any([signal, wish.gone]);
    const isEnforced = await enforce({ over, agreed: () => agreed.abort() });
    if (isEnforced) await toldOf(watch, wish.as('enforced'));
    if (isEnforced) return 'enforced';
  } catch (error) {
    if (!wish.gone.aborted || agreed.signal.aborted) progress(sentences(error).text);
  } finally {
    agreed.abort();
    await silent;
  }
  if (signal.aborted) return 'gone';
  note(wish.gone.aborted ? GONE : GOES_ON);
  if (!wish.gone.aborted) await toldOf(watch, wish.as('declined'));
  return wish.gone.aborted ? 'gone' : 'not_enforced';
}

/** The page need not wait to see that nobody is asked any more. */
async function toldOf({ watched, access, zone, own }: Watched, asks: Asks): Promise<void> {
  const send = sendCallers(access, zone, { told: () => undefined, asks, own });
  await callerRound(watched, { send, now: Date.now }).catch(() => undefined);
}

const GONE = 'The dashboard does not ask for it any more. Watching goes on.';
const OLDER =
  'This Postern is older than this command: nobody is asked here. The dashboard shows the command that enforces.';
const GOES_ON = 'Watching goes on, and this command does not ask again. The dashboard shows the one that enforces.';

interface Telling {
  readonly asks?: Asks;
  /** Whether the person at the terminal reads of it. */
  readonly isTold: boolean;
}

function followed(
  { watched, access, zone, interval, own, sums }: Watched,
  { asks, isTold }: Telling,
  signal: AbortSignal,
): Promise<void> {
  const refused = (why: string) => note(`Refused: ${why}`);
  const send = sendCallers(access, zone, { told: refused, own, ...(asks === undefined ? {} : { asks }) });
  const told = (report: CallerReport) => {
    sums.add(report);
    const news = isTold ? sums.news() : '';
    if (news !== '') progress(news);
  };
  return followCallers({ watched, send, told, interval }, signal);
}

/** That enforcing is asked for, as the answers to reports say it. */
class Wish {
  readonly #command: string;
  readonly #came = new AbortController();
  readonly #gone = new AbortController();

  constructor(command: string) {
    this.#command = command;
  }

  /** What reports say of it, and who hears their answers. */
  as(state: Asks['terminal']['state']): Asks {
    return {
      terminal: { command: this.#command, state },
      heard: (isAsked) => this.#heard(isAsked),
      unknown: () => note(OLDER),
    };
  }

  get came(): AbortSignal {
    return this.#came.signal;
  }

  /** Once it came: it is not asked for any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  #heard(isAsked: boolean): void {
    if (isAsked) this.#came.abort();
    else if (this.#came.signal.aborted) this.#gone.abort();
  }
}
