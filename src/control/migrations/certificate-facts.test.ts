import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { chainPem } from '../../domain/certificate.ts';
import { upload } from '../control-plane.fixture.ts';
import { nodeSqliteDialect } from '../sqlite-dialect.ts';
import type { Tables } from '../tables.ts';
import { certificateFacts } from './certificate-facts.ts';

function oldStore(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE certificates (id TEXT PRIMARY KEY, leaf TEXT, chain TEXT, sent TEXT)');
  return database;
}

test('certificates from before have their facts beside them, and what was sent only where that says more', async (t) => {
  const database = oldStore();
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
  t.after(() => db.destroy());
  const { leaf, chain } = (await upload('hostname')).draft;
  const row = database.prepare('INSERT INTO certificates VALUES (?, ?, ?, ?)');
  const issuers = JSON.stringify(chain.map(({ pem }) => pem));
  row.run('plain', leaf.pem, issuers, chainPem(leaf, chain));
  row.run('leaf alone', leaf.pem, issuers, leaf.pem);
  row.run('no issuer', leaf.pem, '[]', leaf.pem);
  // More than are taken at once.
  for (let count = 0; count < 1_500; count += 1) row.run(`many ${count}`, leaf.pem, '[]', 'as sent');
  await certificateFacts(db);
  const rows = await db.selectFrom('certificates').selectAll().execute();
  assert.equal(rows.length, 1_503);
  for (const one of rows) {
    const { fingerprint, issuer, serial, not_before: notBefore, not_after: notAfter } = one;
    const { pem, ...rest } = leaf;
    assert.deepEqual([one.leaf, fingerprint, issuer, serial], [pem, rest.fingerprint, rest.issuer, rest.serial]);
    assert.deepEqual([notBefore, notAfter], [rest.notBefore, rest.notAfter]);
  }
  const sent = new Map(rows.map((one) => [one.id, one.sent]));
  assert.deepEqual(
    ['plain', 'leaf alone', 'no issuer', 'many 1499'].map((id) => sent.get(id)),
    ['', leaf.pem, '', 'as sent'],
  );
});

test('a store with a certificate that cannot be read is not brought up to date', async (t) => {
  const database = oldStore();
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
  t.after(() => db.destroy());
  database.exec("INSERT INTO certificates VALUES ('a', 'no certificate', '[]', '')");
  await assert.rejects(certificateFacts(db));
});
