import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { nodeSqliteDialect } from '../sqlite-dialect.ts';
import type { Tables } from '../tables.ts';
import { tlsSettings } from './tls-settings.ts';

test('zones from before keep what held for them, and proxied records get the TTL that they have', async (t) => {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE zones (id TEXT);
    CREATE TABLE records (id TEXT, ttl INTEGER, proxied INTEGER);
    INSERT INTO zones VALUES ('old');
    INSERT INTO records VALUES ('proxied', 300, 1), ('dns only', 300, 0);
  `);
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
  t.after(() => db.destroy());
  await tlsSettings(db);
  const zones = await db.selectFrom('zones').select(['id', 'min_tls_version', 'compliance']).execute();
  assert.deepEqual(
    zones.map((row) => ({ ...row })),
    [{ id: 'old', min_tls_version: '1.2', compliance: 'none' }],
  );
  const records = await db.selectFrom('records').select(['id', 'ttl']).execute();
  assert.deepEqual(
    records.map(({ id, ttl }) => [id, ttl]),
    [
      ['proxied', 1],
      ['dns only', 300],
    ],
  );
});
