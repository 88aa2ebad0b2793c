import { join } from 'node:path';
import { instant } from '../../domain/ids.ts';
import type { LockRecord } from '../lock-record.ts';
import type { WatchedLog } from './caller-round.ts';
import { recordedWatchLogs } from './recorded-logs.ts';

/**
 * What is counted of an installed lock, `locks` being where its record is: from its installation on, and by whoever counts
 * where the last one stopped, so that each line counts once.
 */
export function watchedLock(
  record: LockRecord,
  locks: string,
): Pick<WatchedLog, 'lock' | 'logs' | 'since' | 'state' | 'lockNames'> {
  return {
    lock: record.name,
    logs: recordedWatchLogs(record),
    lockNames: lockNames(record),
    // Logs tell whole seconds.
    since: instant(Math.floor(Date.parse(record.installedOn) / 1_000) * 1_000),
    state: join(locks, `${record.name}.callers`),
  };
}

/** All names that a lock on record is for. */
export function lockNames({ request }: LockRecord): readonly string[] {
  return request.sites.flatMap(({ hostnames }) => hostnames);
}
