import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir, hostname as machineName } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { zoneId } from '../domain/ids.ts';
import { LOCKS_DIRECTORY, type LockRecord } from '../origin/lock-record.ts';
import { callerRound, type SendCallers, type WatchedLog } from '../origin/watch/caller-round.ts';
import { recordedWatchLogs } from '../origin/watch/recorded-logs.ts';
import { lockNames, watchedLock } from '../origin/watch/watched-lock.ts';
import { watchLine } from '../origin/watch/watch-line.ts';
import type { CallerReport } from '../wire/callers.ts';
import { typedPattern } from '../wire/names.ts';
import type { ApiAccess } from './api.ts';
import { untilCalledOff } from './called-off.ts';
import { CallerSums, callerTotals, totalByOtherNames } from './caller-sums.ts';
import { type ApiCommandFlags, calling, zoneCommand } from './connection.ts';
import { EXIT, Failure } from './failure.ts';
import { collect } from './flag-value.ts';
import { followCallers, notReported } from './follow-callers.ts';
import { lockRecordAt, lockRecordPaths } from './lock-records.ts';
import { note, writeJson } from './print.ts';
import { sendCallers } from './send-callers.ts';
import { TallyReports } from './tally-reports.ts';
import { spokenSpan } from './time-span.ts';
import { zoneNamed } from './zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone: string;
  readonly hostname: readonly string[];
  readonly log?: readonly string[];
  readonly locks: string;
  readonly follow?: boolean;
  readonly interval: string;
  readonly name?: string;
  readonly state?: string;
}

/** `postern origin watch-report`: tells the control plane who comes to an origin that refuses nobody yet. */
export function watchReportCommand(): Command {
  return zoneCommand('watch-report', 'tell who comes while a lock only watches, from its log', [
    'origin watch-report --zone example.test --hostname www.example.test \\\n      --log /var/log/nginx/postern-watch-www.log --follow',
    'origin watch-report --zone example.test --hostname www.example.test \\\n      --log - < haproxy.log',
    'origin watch-report --zone example.test --hostname www.example.test \\\n      --follow',
  ])
    .requiredOption('--hostname <name>', 'name whose callers are counted; repeatable', collect)
    .option(
      '--log <file>',
      'log of the watching lock, or - for standard input; repeatable (default: those of installed locks of the names)',
      collect,
    )
    .option('--locks <dir>', 'where the records of installed locks are', LOCKS_DIRECTORY)
    .option('--follow', 'go on until it is ended')
    .option('--interval <span>', 'how often, with --follow or on standard input', '5s')
    .option('--name <name>', 'what reports call the lock (default: the name of the log)')
    .option('--state <file>', 'how far the log was read (default: in the home directory)')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (access.token === null)
          throw new Failure('There is no token.', 'Set POSTERN_TOKEN to one that may origin:report.');
        const hostnames = flags.hostname.map(named);
        const zone = zoneId(flags.zone.toLowerCase()) ?? (await zoneNamed(access, flags.zone)).id;
        const told = json ? toldAsJson : toldAsText(new CallerSums());
        const work: Work = { access, zone, hostnames, flags, json, told, interval: intervalOf(flags) };
        if (flags.log?.includes('-') === true) return fromStdin(work);
        if (flags.follow === true) {
          const following = { ...work, watched: watchedLog(work), send: sending(work) };
          return untilCalledOff((signal) => followCallers(following, signal));
        }
        await once(work);
      }),
    );
}

interface Work {
  readonly access: ApiAccess;
  readonly zone: string;
  readonly hostnames: readonly string[];
  readonly flags: Flags;
  readonly json: boolean;
  /** Hears each report of a command that goes on. */
  readonly told: (report: CallerReport) => void;
  /** Milliseconds. */
  readonly interval: number;
}

function named(text: string): string {
  const name = typedPattern(text);
  if (name !== null) return name;
  throw new Failure(`--hostname ${JSON.stringify(text)} is not a hostname.`, 'Write it like www.example.test.');
}

/** What the installed locks of these names log of who comes. */
function installedLogs({ flags: { locks }, hostnames }: Work): Source {
  const directory = resolve(locks);
  const records = lockRecordPaths(directory)
    .map(lockRecordAt)
    .filter((record) => lockNames(record).some((name) => hostnames.includes(name)));
  const logs = [...new Set(records.flatMap(recordedWatchLogs))];
  const [only] = records;
  if (records.length === 1 && only !== undefined && logs.length > 0) return watchedLock(only, directory);
  if (logs.length > 0) return { logs, since: null, lockNames: records.flatMap(lockNames) };
  throw records.length === 0
    ? new Failure(
        `No lock on record in ${directory} is for ${hostnames.join(', ')}.`,
        'Install one (postern origin install --watch), or name the log: --log FILE.',
      )
    : new Failure(
        `The lock of ${hostnames.join(', ')} writes no log of its own.`,
        "It goes to the server's journal: journalctl -f -o cat -u UNIT | postern origin watch-report … --log -.",
      );
}

/** Logs by their names, with the names of those locks on record that write them. */
function namedLogs(paths: readonly string[], { flags: { locks }, hostnames }: Work): Source {
  const logs = paths.map((path) => resolve(path));
  const writers = recordsIn(resolve(locks)).filter((record) =>
    recordedWatchLogs(record).some((path) => logs.includes(path)),
  );
  return { logs, since: null, lockNames: [...hostnames, ...writers.flatMap(lockNames)] };
}

/** The locks on record there, as far as they may be read: who names a log may not be who installed a lock. */
function recordsIn(directory: string): readonly LockRecord[] {
  const read = <T>(records: () => readonly T[]): readonly T[] => {
    try {
      return records();
    } catch {
      return [];
    }
  };
  return read(() => lockRecordPaths(directory)).flatMap((path) => read(() => [lockRecordAt(path)]));
}

function intervalOf({ interval }: Flags): number {
  const seconds = spokenSpan('--interval', interval);
  if (seconds > 0) return seconds * 1_000;
  throw new Failure('--interval is too short.', 'Say 1s or more.');
}

async function once(work: Work): Promise<void> {
  const { reports, refused, notes } = await callerRound(watchedLog(work), { send: sending(work), now: Date.now });
  note(...notes);
  const sums = new CallerSums();
  for (const report of reports) {
    if (work.json) toldAsJson(report);
    sums.add(report);
  }
  if (!work.json && reports.length > 0) process.stdout.write(`${sums.ofOneReport()}\n`);
  if (refused || reports.length === 0) process.exitCode = EXIT.undetermined;
}

/** Counts what comes in on standard input. Nothing is kept: what could not be sent when it ends is said. */
async function fromStdin(work: Work): Promise<void> {
  const { hostnames, interval, told } = work;
  // A journal holds what all locks of a server write: names of another one are not that of nobody.
  const name = {
    host: machineName(),
    lock: work.flags.name ?? 'standard input',
    hostnames,
    lockNames: [...hostnames, ...recordsIn(resolve(work.flags.locks)).flatMap(lockNames)],
  };
  const send = sending(work);
  const reports = new TallyReports(name, told);
  const timer = setInterval(() => {
    reports.flush(send).catch((error: unknown) => note(notReported(error)));
  }, interval);
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    const found = watchLine(line);
    if (found !== null) reports.add(found, Date.now());
  }
  clearInterval(timer);
  await reports.flush(send);
}

function sending({ access, zone }: Work): SendCallers {
  return sendCallers(access, zone, { told: (why) => note(`Refused: ${why}`) });
}

type Source = Pick<WatchedLog, 'logs' | 'since' | 'lockNames'> & Partial<Pick<WatchedLog, 'state' | 'lock'>>;

function watchedLog(work: Work): WatchedLog {
  const { zone, hostnames, flags } = work;
  const source: Source = flags.log === undefined ? installedLogs(work) : namedLogs(flags.log, work);
  const { logs, since, lockNames: names } = source;
  const key = createHash('sha256')
    .update([zone, ...hostnames, ...logs].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const home = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  const state = resolve(flags.state ?? source.state ?? join(home, 'postern', `callers-${key}.json`));
  mkdirSync(dirname(state), { recursive: true });
  const lock = flags.name ?? source.lock ?? basename(logs[0] ?? 'log');
  return { host: machineName(), lock, hostnames, lockNames: names, logs, since, state };
}

function toldAsJson(report: CallerReport): void {
  writeJson({ batch: report.batch, hostnames: callerTotals(report), by_other_names: totalByOtherNames(report) });
}

function toldAsText(sums: CallerSums): (report: CallerReport) => void {
  return (report) => {
    sums.add(report);
    const news = sums.news();
    if (news !== '') process.stdout.write(`${news}\n`);
  };
}
