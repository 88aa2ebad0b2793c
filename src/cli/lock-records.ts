import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LockRecord, MOST_RECORD_BYTES, readLockRecord } from '../origin/lock-record.ts';
import { EXIT, Failure } from './failure.ts';

/** The records of locks in a directory, in their order; none where there is no such directory. */
export function lockRecordPaths(directory: string): readonly string[] {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.json')) : [];
  return names.toSorted().map((name) => join(directory, name));
}

/** A record, which is obeyed like a command line: by whoever may write it. Throws a Failure where it is of no use. */
export function lockRecordAt(path: string): LockRecord {
  const { mode, uid, size } = statSync(path);
  const own = process.getuid?.();
  if ((mode & 0o022) !== 0 || (own !== undefined && uid !== own && uid !== 0))
    throw new Failure(
      `${path} may be written by others, and what stands in it is run.`,
      `Look at it, then: chown root ${path} && chmod 644 ${path}.`,
      EXIT.notGood,
    );
  if (size > MOST_RECORD_BYTES) throw unusable(path, 'it is too large');
  const record = readLockRecord(readFileSync(path, 'utf8'));
  if ('fault' in record) throw unusable(path, record.fault);
  return record;
}

function unusable(path: string, why: string): Failure {
  return new Failure(
    `${path} is not the record of a lock: ${why}.`,
    'Install the lock again: postern origin install.',
    EXIT.notGood,
  );
}
