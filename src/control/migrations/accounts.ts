import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Accounts with a type, tokens that are restricted to some, and an audit log that says whose each entry is. */
export async function severalAccounts(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('accounts')
    .addColumn('type', 'text', (column) => column.notNull().defaultTo('standard'))
    .execute();
  await schema
    .alterTable('tokens')
    .addColumn('accounts', 'text', (column) => column.notNull().defaultTo('"all"'))
    .execute();
  for (const log of ['revisions', 'audit_events'] as const) {
    await schema.alterTable(log).addColumn('account', 'text').execute();
  }
  const row = await db.selectFrom('meta').select('value').where('name', '=', 'default_account').executeTakeFirst();
  if (row === undefined) return;
  // Until now there was one account: all zones are its, and who was restricted to some saw no other account.
  const accounts = JSON.stringify([row.value]);
  await db.updateTable('tokens').set({ accounts }).where('zones', '!=', '"all"').execute();
  for (const log of ['revisions', 'audit_events'] as const) {
    await db.updateTable(log).set({ account: row.value }).where('zone', 'is not', null).execute();
  }
}
