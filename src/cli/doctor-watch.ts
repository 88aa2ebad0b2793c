import { setTimeout as after } from 'node:timers/promises';
import { FINDINGS } from '../doctor/diagnosis/findings.ts';
import { type Change, changes, type History } from '../doctor/report/changes.ts';
import type { Policy } from '../doctor/report/policy.ts';
import { targetName } from '../doctor/view.ts';
import type { FoundDoors } from './doctor-doors.ts';
import { judged } from './doctor-judged.ts';
import { type DoctorFormat, tell } from './doctor-output.ts';
import type { DoctorRequest } from './doctor-request.ts';
import { doctorRound, type Round } from './doctor-round.ts';
import { EXIT, Failure, sentences } from './failure.ts';
import { note } from './print.ts';
import { sayingSpan, spokenSpan } from './time-span.ts';

/** How a watch goes about it. */
export interface WatchOptions {
  readonly permit: (found: FoundDoors) => Promise<void>;
  readonly policy: Policy;
  readonly format: DoctorFormat;
  /** Seconds between two looks. */
  readonly pace: number;
}

const DEFAULT_PACE = 300;
const LONGEST = 7 * 86_400;

/** Seconds between two looks; null where one look was asked for. */
export function watchPace(flags: {
  readonly watch?: boolean;
  readonly interval?: string;
  readonly format: DoctorFormat;
}) {
  if (flags.watch !== true) {
    if (flags.interval === undefined) return null;
    throw new Failure('--interval is given without --watch.', 'Add --watch to look again and again.');
  }
  if (flags.format !== 'text' && flags.format !== 'json')
    throw new Failure(`--watch tells text or JSON, not ${flags.format}.`, 'Use --format text or --format json.');
  const pace = flags.interval === undefined ? DEFAULT_PACE : spokenSpan('--interval', flags.interval);
  if (pace >= 1 && pace <= LONGEST) return pace;
  throw new Failure(`--interval is ${sayingSpan(pace)}.`, `Take a time from 1s to ${sayingSpan(LONGEST)}.`);
}

/**
 * Looks again and again until SIGINT or SIGTERM, and says what changed: in text the first round whole and then a line for
 * each change, in JSON a line for each round. The exit code is that of the last whole round.
 */
export async function watch(request: DoctorRequest, options: WatchOptions): Promise<void> {
  const { permit, policy, format, pace } = options;
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
  let history: History = new Map();
  let code: number | null = null;
  while (!ending.signal.aborted) {
    const round = await attempt(request, permit, ending.signal, code === null);
    if (ending.signal.aborted) break;
    if (round !== null) {
      const at = new Date().toISOString();
      const { history: next, changes: changed } = changes(history, round.report, at);
      if (format === 'json') tellLine({ at, round, history: next, changed });
      else if (code === null) tell(round, { format, outcome: null });
      else for (const change of changed) process.stdout.write(`${at} ${changeText(change)}\n`);
      history = next;
      code = judged(round.report, policy, Date.parse(at)).code;
    }
    // Calling off is no error.
    await after(pace * 1_000, undefined, { signal: ending.signal }).catch(() => undefined);
  }
  process.exitCode = code ?? EXIT.undetermined;
}

// What fails at once is wrong use; what fails later may mend itself, such as a file that is being written.
async function attempt(
  request: DoctorRequest,
  permit: WatchOptions['permit'],
  signal: AbortSignal,
  isFirst: boolean,
): Promise<Round | null> {
  try {
    return await doctorRound(request, { permit, signal });
  } catch (error) {
    if (isFirst && !signal.aborted) throw error;
    if (!signal.aborted) note(`This round failed: ${sentences(error).text}`);
    return null;
  }
}

interface Line {
  readonly at: string;
  readonly round: Round;
  readonly history: History;
  readonly changed: readonly Change[];
}

function tellLine({ at, round: { report }, history, changed }: Line): void {
  const targets = report.targets.map((target) => ({
    ...target,
    since: history.get(targetName(target))?.since ?? at,
  }));
  const told = changed.map(({ target, before, now, appeared, gone }) => ({
    target,
    before: before === null ? null : { verdict: before.verdict, since: before.since },
    verdict: now.verdict,
    appeared,
    gone,
  }));
  process.stdout.write(`${JSON.stringify({ at, ...report, targets, changes: told })}\n`);
}

/** `OPEN www.example.test at …, locked since …: why`. */
function changeText({ target, before, now, appeared, gone }: Change): string {
  const was = before === null || before.verdict === now.verdict ? '' : `, ${before.verdict} since ${before.since}`;
  const same = before?.verdict === now.verdict ? ` (since ${now.since})` : '';
  const why = [
    ...appeared.map((code) => `${FINDINGS[code].title} (${code})`),
    ...gone.map((code) => `no longer ${code}`),
  ];
  return `${now.verdict.toUpperCase()} ${target}${same}${was}${why.length === 0 ? '' : `: ${why.join(' ')}`}`;
}
