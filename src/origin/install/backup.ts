import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { placeFile, syncDirectory } from '../../files/whole-file.ts';
import { copyAttributes } from '../file-attributes.ts';
import type { ServerName } from '../generate/server-facts.ts';

/** A copy of files as they were, on disk before any of them is touched. While it is open, a run is under way or was cut off. */
export interface Backup {
  readonly format: 'postern-backup';
  readonly version: 1;
  readonly id: string;
  /** The lock for which it was made. */
  readonly name: string;
  readonly why: 'install' | 'uninstall' | 'rollback';
  readonly state: 'open' | 'kept' | 'put_back';
  readonly at: string;
  readonly files: readonly KeptFile[];
  /** Directories that were made for it, outermost first. */
  readonly directories: readonly string[];
  readonly server: ServerName;
  readonly program: string | null;
  /** The server's main file. */
  readonly main: string;
  /** How the server is tested and takes its configuration, for a run that goes on from here. */
  readonly test: readonly string[];
  readonly reload: readonly string[];
}

type KeptFile = {
  readonly path: string;
  /** SHA-256 of what the run may write there, `absent` where it may remove it. Anything else is somebody's later work. */
  readonly written: readonly string[];
} & (
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      /** Name of the copy in the backup's directory. */
      readonly copy: string;
      readonly sha256: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** Seconds, with their fraction. */
      readonly accessed: number;
      readonly modified: number;
    }
);

const MANIFEST = 'manifest.json';
const PRIVATE = 0o700;

/** Copies the files into a new directory below `root`, and writes down last what is there. */
export function takeBackup(
  root: string,
  backup: Omit<Backup, 'format' | 'version' | 'files' | 'directories' | 'state'> & {
    /** The paths, each with the digests of what may be written there. */
    readonly paths: ReadonlyMap<string, readonly string[]>;
  },
): Backup {
  const { paths, ...rest } = backup;
  const directory = join(root, backup.id);
  mkdirSync(root, { recursive: true, mode: PRIVATE });
  mkdirSync(directory, { mode: PRIVATE });
  const files = [...paths].map(([path, written], index) => ({
    ...keep(path, directory, String(index).padStart(4, '0')),
    written,
  }));
  const directories = [...new Set([...paths.keys()].flatMap((path) => missingDirectories(dirname(path))))];
  const made: Backup = { format: 'postern-backup', version: 1, state: 'open', files, directories, ...rest };
  writeManifest(root, made);
  return made;
}

function keep(path: string, directory: string, copy: string) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { kind: 'absent', path } as const;
  const bytes = readFileSync(path);
  writeSynced(join(directory, copy), bytes, 0o600);
  return { kind: 'file', path, copy, sha256: hash(bytes), ...facts(stats) } as const;
}

function facts(stats: Stats) {
  const { mode, uid, gid, atimeMs, mtimeMs } = stats;
  return { mode: mode & 0o7777, uid, gid, accessed: atimeMs / 1000, modified: mtimeMs / 1000 };
}

function missingDirectories(path: string): readonly string[] {
  return existsSync(path) ? [] : [...missingDirectories(dirname(path)), path];
}

/**
 * Puts every file back as it was, removes what was not there, and writes down that it did. What holds neither the old bytes
 * nor those of the run was changed by somebody since, and stays: answers those paths. Throws where a copy is not whole.
 */
export function putBackAll(root: string, backup: Backup): readonly string[] {
  const directory = join(root, backup.id);
  // All copies are looked at first: half a restoration would be worse than none.
  const copies = backup.files.map((file) => (file.kind === 'file' ? whole(directory, file) : null));
  const spared = backup.files.filter(isLaterWork);
  for (const [index, file] of backup.files.entries()) {
    if (spared.includes(file)) continue;
    const bytes = copies[index];
    if (file.kind === 'absent') removeFile(file.path);
    else if (bytes !== null && bytes !== undefined && !isAsKept(file)) {
      replaceFile(file.path, bytes, file);
      utimesSync(file.path, file.accessed, file.modified);
    }
  }
  for (const made of [...backup.directories].reverse()) removeEmpty(made);
  markBackup(root, backup, 'put_back');
  return spared.map(({ path }) => path);
}

function isLaterWork(file: KeptFile): boolean {
  const now = existsSync(file.path) ? hash(readFileSync(file.path)) : ABSENT;
  return now !== (file.kind === 'file' ? file.sha256 : ABSENT) && !file.written.includes(now);
}

const ABSENT = 'absent';

/** How a backup names what a run may write: the digest, or a word for nothing. One character for each byte. */
export function writtenAs(text: string | null): string {
  return text === null ? ABSENT : hash(Buffer.from(text, 'latin1'));
}

function whole(directory: string, { copy, sha256, path }: KeptFile & { readonly kind: 'file' }): Buffer {
  const bytes = readFileSync(join(directory, copy));
  if (hash(bytes) !== sha256) throw new Error(`the copy of ${path} in ${directory} is damaged`);
  return bytes;
}

function isAsKept(file: KeptFile & { readonly kind: 'file' }): boolean {
  const stats = statSync(file.path, { throwIfNoEntry: false });
  if (stats === undefined || hash(readFileSync(file.path)) !== file.sha256) return false;
  const now = facts(stats);
  return now.mode === file.mode && now.uid === file.uid && now.gid === file.gid && now.modified === file.modified;
}

/** Replaces a file in one step: whoever reads meanwhile sees the old bytes or the new ones. */
export function replaceFile(
  path: string,
  bytes: Buffer,
  like: { readonly mode: number; readonly uid: number; readonly gid: number },
): void {
  // A leading dot: servers include `sites-enabled/*`, which does not match it.
  const beside = join(dirname(path), `.${basename(path)}.postern-new`);
  try {
    // One that a run left which was cut off; never written through, should somebody have put a link there.
    removeFile(beside);
    writeSynced(beside, bytes, 0o600);
    if (existsSync(path)) copyAttributes(path, beside);
    const { uid, gid } = statSync(beside);
    if (uid !== like.uid || gid !== like.gid) chownSync(beside, like.uid, like.gid);
    chmodSync(beside, like.mode);
    renameSync(beside, path);
  } catch (error) {
    removeFile(beside);
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Owner and mode for a file: those it has, or those of one that is new. */
export function likeExisting(path: string): { readonly mode: number; readonly uid: number; readonly gid: number } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) return facts(stats);
  return { mode: 0o644, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** Removes a file that may not be there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody else has put something there, or it was never made.
  }
}

/** Removes the directories that any run on this host made, where nothing is in them any more. */
export function removeMadeDirectories(root: string): void {
  const made = new Set(backupsIn(root).flatMap(({ directories }) => directories));
  for (const directory of [...made].sort((a, b) => b.length - a.length)) removeEmpty(directory);
}

/** Writes down what has become of a backup. */
export function markBackup(root: string, backup: Backup, state: Backup['state']): Backup {
  const marked = { ...backup, state };
  writeManifest(root, marked);
  return marked;
}

/** The backups below a directory, oldest first. What is not whole is left out. */
export function backupsIn(root: string): readonly Backup[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((id) => readBackup(root, id) ?? []);
}

/** One backup, or `null` where there is none of that id. */
export function readBackup(root: string, id: string): Backup | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(root, id, MANIFEST), 'utf8'));
    return isBackup(value) && value.id === id ? value : null;
  } catch {
    return null;
  }
}

// Only the owner of the directory can have written it; what is checked is that a cut-off or foreign file is not taken for one.
function isBackup(value: unknown): value is Backup {
  if (typeof value !== 'object' || value === null) return false;
  const { format, version, files, directories } = value as Record<string, unknown>;
  return format === 'postern-backup' && version === 1 && Array.isArray(files) && Array.isArray(directories);
}

function writeManifest(root: string, backup: Backup): void {
  placeFile(join(root, backup.id, MANIFEST), `${JSON.stringify(backup, null, 2)}\n`, 0o600);
}

function writeSynced(path: string, bytes: Buffer, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
