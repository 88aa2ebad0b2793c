import { randomBytes } from 'node:crypto';
import { placeFile } from '../../files/whole-file.ts';
import { takeFileLock } from '../sync/file-lock.ts';
import { readBoundedFile } from '../../files/bounded-file.ts';
import type { CountedSlot } from '../../domain/callers.ts';
import type { Instant } from '../../domain/ids.ts';
import { type CallerReport, MOST_CALLER_HOSTNAMES } from '../../wire/callers.ts';
import {
  type CallerState,
  callerStateText,
  MOST_STATE_BYTES,
  NO_CALLER_STATE,
  readCallerState,
} from './caller-state.ts';
import { type LogPosition, readNewLines } from './log-position.ts';
import { isWatchLog } from './recorded-logs.ts';
import { type Counted, Tally } from './tally.ts';
import { watchLine } from './watch-line.ts';

/** Whose callers are counted, and where that stands. */
export interface WatchedLog extends Counted {
  /** Name of the machine, and of the lock on it. */
  readonly host: string;
  readonly lock: string;
  readonly logs: readonly string[];
  /** Lines of before are not of this lock: a log of the same name may be older. `null` where that is not known. */
  readonly since: Instant | null;
  /** What one run leaves for the next. */
  readonly state: string;
}

/** How a report is sent. Rejects where nobody answered: then it is sent again. `refused` is not worth that. */
export type SendCallers = (report: CallerReport) => Promise<'taken' | 'refused'>;

/** What a run did. */
export interface CallerRound {
  /** Those that arrived. */
  readonly reports: readonly CallerReport[];
  readonly refused: boolean;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/**
 * Reads what is new in the logs and reports it. What was read is stored before it is sent, with the report: whatever happens
 * in between, each line counts once.
 */
export async function callerRound(
  watched: WatchedLog,
  { send, now }: { readonly send: SendCallers; readonly now: () => number },
): Promise<CallerRound> {
  const lock = takeFileLock(`${watched.state}.lock`);
  // A timer and a person would otherwise count the same lines.
  if (lock.kind === 'busy') return { reports: [], refused: false, notes: ['Another run reports who comes already.'] };
  using _held = lock;
  const known = stateIn(watched.state);
  const reports: CallerReport[] = [];
  const first = await delivered(watched.state, known, send);
  if (first === 'refused') return { reports, refused: true, notes: [] };
  if (first !== null) reports.push(first);
  const { state, notes } = readLogs(watched, known, now);
  writeState(watched.state, state);
  const second = await delivered(watched.state, state, send);
  if (second === 'refused') return { reports, refused: true, notes };
  return { reports: second === null ? reports : [...reports, second], refused: false, notes };
}

async function delivered(
  path: string,
  state: CallerState,
  send: SendCallers,
): Promise<CallerReport | 'refused' | null> {
  const { pending } = state;
  if (pending === null) return null;
  const outcome = await send(pending);
  writeState(path, { ...state, pending: null });
  return outcome === 'refused' ? outcome : pending;
}

function readLogs(
  { host, lock, hostnames, lockNames, logs, since }: WatchedLog,
  known: CallerState,
  now: () => number,
): { readonly state: CallerState; readonly notes: readonly string[] } {
  const names = hostnames.slice(0, MOST_CALLER_HOSTNAMES);
  const tally = new Tally({ hostnames: names, lockNames });
  const positions: Record<string, LogPosition> = {};
  const notes: string[] = [];
  for (const path of logs) {
    const isOfLock = isWatchLog(path);
    const { position, skipped } = readNewLines(path, known.logs[path] ?? null, (line) => {
      const found = watchLine(line);
      if (found === null || (since !== null && (found.at ?? since) < since)) return;
      tally.add({ ...found, ofLock: found.ofLock || isOfLock }, now());
    });
    if (position === null) notes.push(`There is no log ${path} yet.`);
    else positions[path] = position;
    if (skipped > 0) notes.push(`${path} had grown so much that ${skipped} bytes of it were not counted.`);
  }
  if (names.length < hostnames.length)
    notes.push(`Of ${hostnames.length} names the first ${names.length} are counted.`);
  const pending = Object.keys(positions).length === 0 ? null : callerReport({ host, lock, hostnames: names }, tally);
  return { state: { format: 'postern-callers', logs: positions, pending }, notes };
}

/** What was counted, as it is reported. */
export function callerReport(
  { host, lock, hostnames }: Pick<WatchedLog, 'host' | 'lock' | 'hostnames'>,
  tally: Tally,
): CallerReport {
  const others = tally.others().map(slotOfReport);
  return {
    host,
    lock,
    batch: randomBytes(16).toString('hex'),
    hostnames,
    counts: tally.slots().map(({ hostname, ...slot }) => ({ hostname, ...slotOfReport(slot) })),
    ...(others.length === 0 ? {} : { by_other_names: others }),
  };
}

function slotOfReport({ at, counts, examples }: CountedSlot) {
  return { at: new Date(at).toISOString(), ...counts, examples };
}

// What cannot be read is begun anew: then some may be counted twice, and nothing is lost.
function stateIn(path: string): CallerState {
  const found = readBoundedFile(path, MOST_STATE_BYTES);
  return found.kind === 'bytes' ? (readCallerState(found.bytes.toString('utf8')) ?? NO_CALLER_STATE) : NO_CALLER_STATE;
}

function writeState(path: string, state: CallerState): void {
  placeFile(path, callerStateText(state), 0o600);
}
