import { accessSync, constants, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncDirectory } from '../files/whole-file.ts';
import { EXIT, Failure } from './failure.ts';

/** How a file that is read or written is told to be stdin or stdout. */
export const STANDARD = '-';

/** The bytes of a file, or of stdin for `-`. Throws a Failure where there are none to be had. */
export async function readingFrom(file: string): Promise<Readable> {
  if (file === STANDARD) return process.stdin;
  let handle: FileHandle | null = null;
  try {
    handle = await open(file);
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  } catch (error) {
    throw new Failure(`${file} cannot be read (${codeOf(error)}).`, 'Name a backup that is there.', EXIT.undetermined);
  }
  await handle.close();
  throw new Failure(`${file} is a directory.`, 'Name the file of a backup.', EXIT.undetermined);
}

/** Throws a Failure where a file must or can not be written: before anything is fetched for it. */
export function refuseTaken(file: string, force: boolean): void {
  const found = statSync(file, { throwIfNoEntry: false });
  try {
    // The dot at the end: a file that stands there is no directory.
    accessSync(`${dirname(resolve(file))}/.`, constants.W_OK);
  } catch (error) {
    throw notWritten(resolve(file), error);
  }
  if (found === undefined) return;
  if (!found.isFile()) throw new Failure(`${file} is not a file.`, 'Name another place with --out.');
  if (!force) throw new Failure(`${file} is there already.`, 'Name another place with --out, or add --force.');
}

/** How a file comes to be: its bytes, and who looks at it before it gets its name. */
interface Making<T> {
  readonly bytes: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  readonly look: (draft: string) => Promise<T>;
}

/** Writes a whole file of mode 0600, in place of what was there, or none: a crash never leaves a part of it by that name. */
export async function writeWhole<T>(file: string, { bytes, signal, look }: Making<T>): Promise<T> {
  const path = resolve(file);
  const draft = `${path}.part`;
  try {
    rmSync(draft, { force: true });
    // Opened before anything can break off: what a stream opens by itself may come to be after the end of it.
    const handle = await open(draft, 'wx', 0o600);
    await pipeline(bytes, handle.createWriteStream({ flush: true }), { signal });
    const seen = await look(draft);
    renameSync(draft, path);
    syncDirectory(dirname(path));
    return seen;
  } catch (error) {
    throw notWritten(path, error);
  } finally {
    if (existsSync(draft)) rmSync(draft);
  }
}

/** Turns what the system said about writing there into a Failure; any other error stays as it is. */
export function notWritten(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (!(code in CANNOT)) return error;
  return new Failure(
    `${path} cannot be written (${code}): ${CANNOT[code]}.`,
    'Mend that, or name another place.',
    EXIT.undetermined,
  );
}

const CANNOT: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EDQUOT: 'there is no room left for this user',
  ENOENT: 'there is no such directory',
  ENOSPC: 'there is no room left',
  ENOTDIR: 'what stands before its name is no directory',
  EPERM: 'this user may not',
  EROFS: 'it can only be read',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
