import { join } from 'node:path';
import { instant } from '../../domain/ids.ts';
import type { LockRecord } from '../lock-record.ts';
import type { WatchedLog } from './caller-round.ts';
import { recordedWatchLogs } from './recorded-logs.ts';

/**
 * What is counted of an installed lock, `locks` being where its record is: from its installation on, and by whoever counts
 * where the last one stopped, so that each line counts once.
 */
export function watchedLock(record: LockRecord, locks: string): Pick<WatchedLog, 'lock' | 'logs' | 'since' | 'state'> {
  return {
    lock: record.name,
    logs: recordedWatchLogs(record),
    // Logs tell whole seconds.
    since: instant(Math.floor(Date.parse(record.installedOn) / 1_000) * 1_000),
    state: join(locks, `${record.name}.callers`),
  };
}
