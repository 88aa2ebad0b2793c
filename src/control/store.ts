import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { type DataDirectory, ensureFile } from './data-directory.ts';
import { errorFields } from './log.ts';
import { migrate } from './migrations.ts';
import { nodeSqliteDialect } from './sqlite-dialect.ts';
import { StartError } from './start-error.ts';
import type { Tables } from './tables.ts';

export type Store = Kysely<Tables>;

/** How long to wait for whoever else has the file open, in milliseconds. Everything in this process stands still then. */
const BUSY_TIMEOUT = 250;

/** Opens the embedded store at this program's schema. Throws StartError. */
export async function openStore(directory: Pick<DataDirectory, 'file'>): Promise<Store> {
  const path = directory.file('postern.db');
  let store: Store | null = null;
  try {
    ensureFile(path);
    store = new Kysely<Tables>({ dialect: nodeSqliteDialect(openDatabase(path)) });
    await migrate(store);
    return store;
  } catch (error) {
    await store?.destroy();
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The store ${path} cannot be opened: ${errorFields(error).error}`,
      'Check the disk and the rights of the file, or restore a backup of the data directory.',
      error,
    );
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
  try {
    database.enableDefensive(true);
    database.exec('PRAGMA journal_mode = WAL');
    // NORMAL would lose the last commits on a power cut: what was acknowledged stays.
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA trusted_schema = OFF');
    // A key that is deleted is overwritten, not only unlinked.
    database.exec('PRAGMA secure_delete = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The value of an entry in `meta`; `null` where there is none. */
export async function readMeta(store: Store, name: string): Promise<string | null> {
  const row = await store.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

/** Sets an entry in `meta`. */
export async function writeMeta(store: Store, name: string, value: string): Promise<void> {
  await store
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** The newest revision in a store; 0 where there is none. */
export async function newestRevision(store: Store): Promise<number> {
  const row = await store
    .selectFrom('revisions')
    .select(({ fn }) => fn.max('revision').as('revision'))
    .executeTakeFirst();
  return Number(row?.revision ?? 0);
}
