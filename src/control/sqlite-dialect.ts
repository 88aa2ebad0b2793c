import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';

/** Lets kysely speak to Node's own SQLite, for which it has no dialect. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return new SqliteDialect({
    database: { close: () => database.close(), prepare: (sql) => prepare(database, sql) },
  });
}

interface Statement {
  readonly reader: boolean;
  readonly all: (values: readonly unknown[]) => unknown[];
  readonly run: (values: readonly unknown[]) => { changes: number | bigint; lastInsertRowid: number | bigint };
  readonly iterate: (values: readonly unknown[]) => IterableIterator<unknown>;
}

function prepare(database: DatabaseSync, sql: string): Statement {
  // SQLite rolls back by itself when the disk is full; a second rollback would fail and hide why.
  if (sql === 'rollback' && !database.isTransaction) return NOTHING;
  const statement = database.prepare(sql);
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...values.map(input)),
    run: (values) => statement.run(...values.map(input)),
    iterate: (values) => statement.iterate(...values.map(input)),
  };
}

const NOTHING: Statement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function input(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  throw new TypeError(`A column holds text, a number or null, not a ${typeof value}`);
}
