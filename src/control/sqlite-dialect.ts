import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type CompiledQuery, type DatabaseConnection, type Dialect, SqliteDialect } from 'kysely';

/** Lets kysely speak to Node's own SQLite, for which it has no dialect. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return new SqliteDialect({
    database: { close: () => database.close(), prepare: (sql) => prepare(database, sql) },
    onCreateConnection: async (connection) => {
      connection.streamQuery = rowsOf(database);
    },
  });
}

// kysely's own hands out each row alone, which takes as long as reading it: of 300,000 that is a second.
function rowsOf(database: DatabaseSync): DatabaseConnection['streamQuery'] {
  return async function* read<Row>({ sql, parameters }: CompiledQuery, together: number) {
    let rows: Row[] = [];
    for (const row of prepare(database, sql).iterate(parameters)) {
      // What the columns are is said where the query is made.
      rows.push(row as Row);
      if (rows.length < together) continue;
      yield { rows };
      rows = [];
    }
    yield { rows };
  };
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
