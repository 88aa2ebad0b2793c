import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import { shellCommand } from '../doctor/report/shell-word.ts';
import { type LockRecord, LOCKS_DIRECTORY } from '../origin/lock-record.ts';
import { recordedWatchLogs } from '../origin/watch/recorded-logs.ts';
import { lockNames, watchedLock } from '../origin/watch/watched-lock.ts';
import { type ApiAccess, type ApiFlags, apiAccess } from './api.ts';
import { untilCalledOff } from './called-off.ts';
import { type EnforceAsked, watchOrEnforce } from './enforce-when-asked.ts';
import { note, progress } from './print.ts';

const INTERVAL = 3_000;

/** What came of an installation that watches, for who wants to see who comes. */
interface Watching {
  readonly record: LockRecord;
  /** Where Postern's own files are on this host. */
  readonly directory: string;
  /** Milliseconds to go on reporting; none where 0. */
  readonly stay: number;
  readonly flags: ApiFlags;
  /** Asks the person at this terminal to enforce; `null` where nobody may be asked. */
  readonly enforce: EnforceAsked | null;
}

/** After an installation that only watches: reports who comes for a while, or says how that is done. */
export async function reportWatching({ record, directory, stay, flags, enforce }: Watching): Promise<void> {
  const locks = join(directory, 'locks');
  const [zone] = record.zones;
  if (zone === undefined || recordedWatchLogs(record).length === 0) return;
  const hostnames = lockNames(record);
  const access = accessOf(flags);
  if (access === null) return;
  const command = commandFor(access, { zone: zone.name, hostnames, locks, apiCa: flags.apiCa });
  if (stay === 0 || access.token === null) {
    note(`Who comes is seen at ${access.base} while this runs here: ${command}`);
    return;
  }
  const watched = { host: machineName(), hostnames, ...watchedLock(record, locks) };
  const watch = { watched, access, zone: zone.id, interval: INTERVAL, enforce };
  if (enforce !== null) progress('Once you decide to enforce in the dashboard, you are asked here.');
  const isEnforced = await untilCalledOff((signal) =>
    watchOrEnforce(watch, AbortSignal.any([signal, AbortSignal.timeout(stay)])),
  );
  if (isEnforced) progress('Nobody is watched any more, so this command ends. The dashboard looks at the lock.');
  else note(`Nobody tells Postern any more who comes; the lock goes on watching. To go on telling: ${command}`);
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
