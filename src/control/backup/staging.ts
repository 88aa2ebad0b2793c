import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../../files/whole-file.ts';
import { type DataDirectory, takeDirectory } from '../data-directory.ts';
import { StartError } from '../start-error.ts';
import { BackupFault } from './backup-fault.ts';

const STAGE = 'restoring';
const STORE = 'postern.db';
const STORE_FILES = [STORE, `${STORE}-wal`, `${STORE}-shm`];

/** A private directory in which a store is put together before anybody uses it. */
export interface Stage {
  /** Path of a file in it. */
  readonly file: (name: string) => string;
}

/** Lets a job work in a new directory that is gone afterwards, whose path begins with `prefix`. */
export async function inPassing<T>(prefix: string, job: (stage: Stage) => Promise<T>): Promise<T> {
  const path = mkdtempSync(prefix);
  try {
    return await job(at(path));
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Lets a job make files, the store among them, for a data directory that has none, and then puts them in place, the store
 * last: a directory has all of it or no store. Where the job fails, the directory is as it was. Throws BackupFault where
 * something is there already, StartError where there is no directory to be had.
 */
export async function inPlace<T>({ path, more }: Place, job: (stage: Stage) => Promise<T>): Promise<T> {
  const isNew = !existsSync(path);
  const directory = takeDirectory(path);
  const stage = directory.file(STAGE);
  const placed: string[] = [];
  let done = false;
  try {
    // Somebody may have started in the meantime; from here on nobody can.
    refuseOccupied({ path, more });
    rmSync(stage, { recursive: true, force: true });
    mkdirSync(stage, { mode: 0o700 });
    const made = await job(at(stage));
    // SQLite removes it when it has moved all of it into the store, which it could not do on a full disk.
    if (existsSync(join(stage, `${STORE}-wal`))) throw new Error(`${stage} could not be written to its end`);
    for (const name of [...more, STORE]) {
      renameSync(join(stage, name), directory.file(name));
      placed.push(directory.file(name));
    }
    syncDirectory(path);
    done = true;
    return made;
  } finally {
    for (const file of [...(done ? [] : placed), stage]) rmSync(file, { recursive: true, force: true });
    directory.release();
    if (isNew && !done) leave(directory);
  }
}

/** A data directory, and the names of the files that come into it beside the store. */
export interface Place {
  readonly path: string;
  readonly more: readonly string[];
}

/**
 * At the start of a control plane: a restore that was killed before its end has left a directory without a store, in which
 * no new installation must begin as if nothing were missing. Throws StartError.
 */
export function settleRestore(directory: DataDirectory): void {
  const stage = directory.file(STAGE);
  if (!existsSync(stage)) return;
  if (!existsSync(directory.file(STORE))) {
    throw new StartError(
      `A restore into ${directory.path} did not come to its end`,
      `Run "postern restore" again. To begin a new installation instead, remove ${stage}.`,
    );
  }
  rmSync(stage, { recursive: true });
}

/** Throws BackupFault where a data directory has something already that would come into it. */
export function refuseOccupied({ path, more }: Place): void {
  const found = [...STORE_FILES, ...more].map((name) => join(path, name)).find(existsSync);
  if (found !== undefined) throw new BackupFault('occupied', `${found} is there`);
}

function at(path: string): Stage {
  return { file: (name) => join(path, name) };
}

// Not recursively: what somebody else has put there is none of ours.
function leave(directory: DataDirectory): void {
  for (const name of ['lock', 'lock-journal']) rmSync(directory.file(name), { force: true });
  try {
    rmdirSync(directory.path);
  } catch {
    // It is not empty.
  }
}
