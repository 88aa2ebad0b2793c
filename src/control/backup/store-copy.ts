import { rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { type DataDirectory, ensureFile } from '../data-directory.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import { nodeSqliteDialect } from '../sqlite-dialect.ts';
import { newestRevision, readMeta } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { BackupFacts } from './header.ts';

const COPY = 'backup.db';
/** What SQLite writes beside it. */
const FILES = [COPY, `${COPY}-journal`];
/** Pages that are copied in one go, on a thread of their own: 2 MiB. */
const RATE = 512;

/** What the store was at one moment. The file has no name any more: whatever happens, it goes away with its handle. */
export interface StoreCopy {
  readonly facts: Pick<BackupFacts, 'revision' | 'schema_version'>;
  readonly file: FileHandle;
}

/** Copies the store while it is in use. Rejects with the error of SQLite or the system. */
export async function copyStore(directory: DataDirectory): Promise<StoreCopy> {
  removeCopies(directory);
  const source = new DatabaseSync(directory.file('postern.db'), { readOnly: true });
  const store = new Kysely<Tables>({ dialect: nodeSqliteDialect(source) });
  try {
    // A reader in WAL mode goes on seeing the moment of its first look, and no writer waits for it
    // (https://sqlite.org/isolation.html). So the copy never has to begin anew.
    source.exec('BEGIN');
    const facts = {
      revision: await newestRevision(store),
      schema_version: Number((await readMeta(store, 'schema_version')) ?? SCHEMA_VERSION),
    };
    ensureFile(directory.file(COPY));
    await backup(source, directory.file(COPY), { rate: RATE });
    return { facts, file: await open(directory.file(COPY)) };
  } finally {
    source.close();
    removeCopies(directory);
  }
}

/** Removes what a process that was killed in the middle has left. */
export function removeCopies(directory: DataDirectory): void {
  for (const name of FILES) rmSync(directory.file(name), { force: true });
}
