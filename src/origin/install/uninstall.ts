import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type LockRecord, readLockRecord } from '../lock-record.ts';
import { type ConfigSource, DISK } from '../server/config-source.ts';
import type { FoundServer } from '../server/found-server.ts';
import { type Backup, backupsIn, readBackup, removeFile, removeMadeDirectories } from './backup.ts';
import { type Changed, changeFiles, realPath } from './change-files.ts';
import type { FileChange } from './plan.ts';
import { withoutLock } from './planner.ts';
import { lockName } from './request.ts';

/** What an undoing works with. */
export interface UndoGround {
  readonly directory: string;
  readonly backups: string;
  /** `null` where the server does not run, or is not there any more. */
  readonly find: (record: LockRecord) => Promise<FoundServer | null>;
  readonly stop: AbortSignal;
}

/** A lock that was installed on this host. */
export type KnownLock =
  | { readonly kind: 'known'; readonly record: LockRecord; readonly path: string }
  | { readonly kind: 'unknown'; readonly text: string; readonly fix: string };

/** The record of a lock, or the sentence that says why there is none. */
export function knownLock(directory: string, name: string): KnownLock {
  const known = installedNames(directory);
  const path = join(directory, 'locks', `${name}.json`);
  if (lockName(name) === null || !existsSync(path)) {
    const others = known.length === 0 ? 'No lock is installed here.' : `Installed are: ${known.join(', ')}.`;
    return { kind: 'unknown', text: `There is no lock called ${JSON.stringify(name)} in ${directory}.`, fix: others };
  }
  const record = readLockRecord(readFileSync(path, 'utf8'));
  if ('fault' in record) {
    return {
      kind: 'unknown',
      text: `${path} is not a record of a lock: ${record.fault}.`,
      fix: 'Restore a backup: postern origin rollback.',
    };
  }
  if (record.installed === undefined || record.installed === null) {
    return {
      kind: 'unknown',
      text: `${name} was not put into virtual hosts by "postern origin install".`,
      fix: 'Take its include away by hand.',
    };
  }
  return { kind: 'known', record, path };
}

/** The names of the locks of this host. */
function installedNames(directory: string): readonly string[] {
  const locks = join(directory, 'locks');
  if (!existsSync(locks)) return [];
  return readdirSync(locks)
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort();
}

/** What uninstalling changes: the lines go, what gave way comes back, the lock's own files go. */
export function uninstallChanges(record: LockRecord, path: string, source: ConfigSource): readonly FileChange[] {
  const { installed } = record;
  const name = lockName(record.name);
  if (installed === undefined || installed === null || name === null) return [];
  const stripped = withoutLock(record.server, source, { name, directory: installed.directory });
  const textIn = (from: ConfigSource, file: string) => {
    const read = from.read(file);
    return 'text' in read ? read.text : null;
  };
  const edited = installed.edited.map((file) => ({
    path: file,
    before: textIn(source, file),
    after: textIn(stripped, file),
  }));
  const made = Object.keys({ ...installed.texts.enforce, ...installed.texts.watch });
  const own = [...new Set([...made, ...unshared(record), path])];
  const gone = own.map((file) => ({ path: file, before: textIn(source, file), after: null }));
  return [...edited, ...gone].filter(({ before, after }) => before !== after);
}

/** Of the files that went with the lock, those that no other lock of the host reads: the bundle, and its other forms. */
function unshared(record: LockRecord): readonly string[] {
  const { installed } = record;
  if (installed === undefined || installed === null) return [];
  const others = installedNames(installed.directory)
    .filter((name) => name !== record.name)
    .flatMap((name) => {
      const known = knownLock(installed.directory, name);
      return known.kind === 'known' ? known.record.files.map(({ path }) => path) : [];
    });
  return record.files.map(({ path }) => path).filter((path) => !others.includes(path));
}

/** Takes a lock out of the server's files. Where nobody changed them since, they are as they were before, to the byte. */
export async function uninstall(known: KnownLock & { readonly kind: 'known' }, ground: UndoGround): Promise<Changed> {
  const { record, path } = known;
  const changes = uninstallChanges(record, path, DISK);
  const found = await ground.find(record);
  const changed = await changeFiles(
    {
      backups: ground.backups,
      name: record.name,
      server: record.server,
      program: record.program,
      main: record.installed?.main ?? '',
      test: found?.test ?? record.test ?? [],
      reload: found?.reload ?? record.reload ?? [],
      pid: found?.pid ?? null,
    },
    'uninstall',
    [{ what: 'uninstall', changes, holds: async () => null }],
    ground.stop,
  );
  if (changed.kind === 'changed') tidy(known, ground.backups, changes);
  return changed;
}

// What the installation found is in its backup: times come back where bytes are the same, and directories that it made go.
function tidy(
  { record: { name }, path: record }: KnownLock & { readonly kind: 'known' },
  backups: string,
  changes: readonly FileChange[],
): void {
  const made = backupsIn(backups).filter((backup) => backup.name === name && backup.why === 'install');
  for (const backup of made) {
    for (const file of backup.files) {
      if (file.kind === 'absent' || !changes.some((change) => realPath(change.path) === file.path)) continue;
      const kept = readFileSync(join(backups, backup.id, file.copy));
      if (existsSync(file.path) && readFileSync(file.path).equals(kept))
        utimesSync(file.path, file.accessed, file.modified);
    }
  }
  leaveNothing(record, backups);
}

/** Removes what sync keeps of a lock beside its record, and directories that are empty then. */
function leaveNothing(record: string, backups: string): void {
  // Another lock of that name must not take it for its own past.
  for (const kept of ['.sync', '.sync.lock', '.callers', '.callers.lock']) removeFile(record.replace(/\.json$/, kept));
  removeMadeDirectories(backups);
}

/** What a rollback changes: every file of the backup as it was then. */
export function rollbackChanges(backups: string, backup: Backup, source: ConfigSource): readonly FileChange[] {
  return backup.files
    .map((file) => {
      const read = source.read(file.path);
      const before = 'text' in read ? read.text : null;
      const after = file.kind === 'absent' ? null : readFileSync(join(backups, backup.id, file.copy), 'latin1');
      return { path: file.path, before, after };
    })
    .filter(({ before, after }) => before !== after);
}

/** Puts the files of a backup back, after taking one of how they are now. */
export async function rollback(
  backup: Backup,
  found: FoundServer | null,
  ground: Pick<UndoGround, 'backups' | 'stop'>,
): Promise<Changed> {
  const changes = rollbackChanges(ground.backups, backup, DISK);
  const changed = await changeFiles(
    {
      backups: ground.backups,
      name: backup.name,
      server: backup.server,
      program: backup.program,
      main: backup.main,
      test: found?.test ?? backup.test,
      reload: found?.reload ?? backup.reload,
      pid: found?.pid ?? null,
    },
    'rollback',
    [{ what: 'rollback', changes, holds: async () => null }],
    ground.stop,
  );
  if (changed.kind === 'failed') return changed;
  for (const file of backup.files) {
    if (file.kind === 'file' && existsSync(file.path)) utimesSync(file.path, file.accessed, file.modified);
  }
  const record = backup.files.find(
    ({ kind, path }) => kind === 'absent' && path.endsWith(`/locks/${backup.name}.json`),
  );
  if (record === undefined) removeMadeDirectories(ground.backups);
  else leaveNothing(record.path, ground.backups);
  return changed;
}

/** A backup of the host: the one that is named, or the newest that is not a rollback's own. */
export function chosenBackup(backups: string, id: string | undefined): Backup | null {
  if (id !== undefined) return readBackup(backups, id);
  return backupsIn(backups).findLast(({ why, state }) => why !== 'rollback' && state === 'kept') ?? null;
}
