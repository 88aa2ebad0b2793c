import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorFields } from './log.ts';
import { StartError } from './start-error.ts';

/** The data directory while this process owns it. */
export interface DataDirectory {
  readonly path: string;
  /** Path of a file in the directory. */
  readonly file: (name: string) => string;
  readonly release: () => void;
}

// What others may do, and the bit that shared directories such as /tmp carry.
const OTHERS = 0o077;
const STICKY = 0o1000;
const OUR_FILES: ReadonlySet<string> = new Set([
  'backup.db',
  'backup.db-journal',
  'bootstrap-token',
  'listening.json',
  'lock',
  'lock-journal',
  'postern.db',
  'postern.db-shm',
  'postern.db-wal',
  'restoring',
]);
// SQLITE_BUSY, https://sqlite.org/rescode.html#busy
const BUSY = 5;

/**
 * Makes or opens the directory, for its owner's eyes only, and takes it: a second process is refused until this one has
 * ended, however it ends. Throws StartError.
 */
export function takeDirectory(path: string): DataDirectory {
  const file = (name: string) => join(path, name);
  try {
    makeDirectory(path);
    keepPrivate(path);
    ensureFile(file('lock'));
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The data directory ${path} cannot be used: ${errorFields(error).error}`,
      'Name a directory that this user may write to with --data.',
      error,
    );
  }
  const lock = takeLock(path, file('lock'));
  return { path, file, release: () => lock.close() };
}

/** Makes sure that a file exists and that only its owner may read or write it. */
export function ensureFile(path: string): void {
  // Never opens what exists: closing any descriptor of a file drops this process's own locks on it (fcntl(2)).
  if (existsSync(path)) chmodSync(path, 0o600);
  else closeSync(openSync(path, 'wx', 0o600));
}

// Step by step: Node's own recursive mkdir never returns where the system says ENOENT of an existing parent (/proc).
function makeDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) {
    throw new StartError(`${path} is not a directory`, 'Name a directory that this user may write to with --data.');
  }
  if (dirname(path) !== path) makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function keepPrivate(path: string): void {
  const { mode } = statSync(path);
  if ((mode & OTHERS) === 0) return;
  if ((mode & STICKY) !== 0) {
    throw new StartError(
      `The data directory ${path} is shared by all users`,
      'Name a directory of its own with --data.',
    );
  }
  // A directory that somebody uses for other things as well keeps its mode: our files in it are 0600 each.
  const strangers = readdirSync(path).some((name) => !OUR_FILES.has(name));
  if (!strangers) chmodSync(path, 0o700);
}

// SQLite's lock is the one that every platform of Node has and that the kernel drops when the process dies.
function takeLock(directory: string, path: string): DatabaseSync {
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const busy = error instanceof Error && 'errcode' in error && error.errcode === BUSY;
    const message = busy
      ? `The data directory ${directory} is in use by another postern`
      : `The data directory ${directory} cannot be locked: ${errorFields(error).error}`;
    throw new StartError(message, 'End the other process, or name another directory with --data.', error);
  }
}
