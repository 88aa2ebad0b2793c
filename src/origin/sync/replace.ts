import { constants } from 'node:fs';
import { copyFile, link, lstat, open, readlink, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncDirectory } from '../../files/whole-file.ts';
import { copyAttributes } from '../file-attributes.ts';

/** A text that is to stand in a file. `path` may be a symbolic link: what it leads to is replaced. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** One character for each byte, in files of others; UTF-8 where it is left out. */
  readonly encoding?: 'latin1';
}

// Beside the file, because renaming works within a file system; with a dot, because servers include `sites-enabled/*`.
function beside(path: string, what: string): string {
  return join(dirname(path), `.${basename(path)}.postern-${what}`);
}

/** Where the new bytes wait. */
function stagedPath(path: string): string {
  return beside(path, 'new');
}

/** Where the old ones are kept. */
function keptPath(path: string): string {
  return beside(path, 'old');
}

/** Of files that were not there: nothing in them is secret. */
export const NEW_MODE = 0o644;
const MOST_LINKS = 8;

/** The file that a path leads to, also where that file is not there yet. */
export async function target(path: string): Promise<string> {
  let current = resolve(path);
  for (let hop = 0; hop < MOST_LINKS; hop += 1) {
    const seen = await lstat(current).catch(absent);
    if (seen === null) return join(await realpath(dirname(current)), basename(current));
    if (!seen.isSymbolicLink()) return realpath(current);
    current = resolve(dirname(current), await readlink(current));
  }
  throw new Error(`${path} leads from link to link`);
}

/** Writes the new bytes beside a file, with its owner and mode, and keeps its old bytes: nothing of the file changes yet. */
export async function stage({ path, text, encoding }: NewFile): Promise<void> {
  const old = await stat(path).catch(absent);
  if (old !== null && !old.isFile()) throw new Error(`${path} is not a file`);
  await dropLeftovers(path);
  const file = await open(stagedPath(path), 'wx', 0o600);
  try {
    await file.writeFile(text, encoding ?? 'utf8');
    if (old !== null) copyAttributes(path, stagedPath(path));
    if (old !== null && process.getuid !== undefined) await file.chown(old.uid, old.gid);
    await file.chmod(old === null ? NEW_MODE : old.mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
  if (old !== null) await keep(path, old);
}

// A link is the old file itself, whatever hangs on it. Not every file system has them, and not for everybody.
async function keep(path: string, old: { readonly uid: number; readonly gid: number; readonly mode: number }) {
  const kept = keptPath(path);
  try {
    await link(path, kept);
  } catch {
    await copyFile(path, kept, constants.COPYFILE_EXCL);
    copyAttributes(path, kept);
    const file = await open(kept, 'r+');
    try {
      if (process.getuid !== undefined) await file.chown(old.uid, old.gid);
      await file.chmod(old.mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Puts staged bytes in place, where they still wait. */
export async function putInPlace(path: string): Promise<void> {
  await rename(stagedPath(path), path).catch(absent);
  syncDirectory(dirname(path));
}

/** Puts the old bytes back; a file that was not there goes away. */
export async function putBack(path: string, existed: boolean): Promise<void> {
  if (existed) await rename(keptPath(path), path).catch(absent);
  else await unlink(path).catch(absent);
  await unlink(stagedPath(path)).catch(absent);
  syncDirectory(dirname(path));
}

/** Removes what a run leaves beside a file. */
export async function dropLeftovers(path: string): Promise<void> {
  for (const left of [stagedPath(path), keptPath(path)]) await unlink(left).catch(absent);
}

/** `null` where a file is not there; other errors stay errors. */
export function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
