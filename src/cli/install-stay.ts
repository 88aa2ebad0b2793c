import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import { shellCommand } from '../doctor/report/shell-word.ts';
import { type LockRecord, LOCKS_DIRECTORY } from '../origin/lock-record.ts';
import { recordedWatchLogs } from '../origin/watch/recorded-logs.ts';
import { watchedLock } from '../origin/watch/watched-lock.ts';
import { type ApiAccess, type ApiFlags, apiAccess } from './api.ts';
import { untilCalledOff } from './called-off.ts';
import { followCallers, reportText } from './follow-callers.ts';
import { note, progress } from './print.ts';
import { sendCallers } from './send-callers.ts';

const INTERVAL = 5_000;

/** What came of an installation that watches, for who wants to see who comes. */
interface Watching {
  readonly record: LockRecord;
  /** Where Postern's own files are on this host. */
  readonly directory: string;
  /** Milliseconds to go on reporting; none where 0. */
  readonly stay: number;
  readonly flags: ApiFlags;
}

/** After an installation that only watches: reports who comes for a while, or says how that is done. */
export async function reportWatching({ record, directory, stay, flags }: Watching): Promise<void> {
  const locks = join(directory, 'locks');
  const [zone] = record.zones;
  if (zone === undefined || recordedWatchLogs(record).length === 0) return;
  const hostnames = record.request.sites.flatMap((site) => site.hostnames);
  const access = accessOf(flags);
  if (access === null) return;
  if (stay === 0 || access.token === null) {
    note(
      `Who comes is seen at ${access.base} while this runs here: ${commandFor(access, { zone: zone.name, hostnames, locks, apiCa: flags.apiCa })}`,
    );
    return;
  }
  const watched = { host: machineName(), hostnames, ...watchedLock(record, locks) };
  const send = sendCallers(access, zone.id, (why) => note(`Refused: ${why}`));
  const told = (report: Parameters<typeof reportText>[0]) => progress(reportText(report));
  await untilCalledOff((signal) =>
    followCallers({ watched, send, told, interval: INTERVAL }, AbortSignal.any([signal, AbortSignal.timeout(stay)])),
  );
}

// With a bundle from a file nobody need be asked.
function accessOf(flags: ApiFlags): ApiAccess | null {
  const named = [flags.api, flags.data, process.env['POSTERN_API'], process.env['POSTERN_DATA']];
  return named.some((one) => one !== undefined) ? apiAccess(flags) : null;
}

interface Reported {
  readonly zone: string;
  readonly hostnames: readonly string[];
  /** Where the records of locks are. */
  readonly locks: string;
  readonly apiCa: string | undefined;
}

function commandFor({ base }: ApiAccess, { zone, hostnames, locks, apiCa }: Reported): string {
  const words = [
    'postern',
    'origin',
    'watch-report',
    '--api',
    base,
    ...(apiCa === undefined ? [] : ['--api-ca', apiCa]),
    '--zone',
    zone,
  ];
  const names = hostnames.flatMap((name) => ['--hostname', name]);
  const elsewhere = locks === LOCKS_DIRECTORY ? [] : ['--locks', locks];
  return shellCommand([...words, ...names, ...elsewhere, '--follow']);
}
