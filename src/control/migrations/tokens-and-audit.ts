import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Tokens with zones, addresses and a beginning; an audit log also for what is no revision. */
export async function tokensAndAudit(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  const tokens = () => schema.alterTable('tokens');
  await tokens()
    .addColumn('bootstrap', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await tokens()
    .addColumn('zones', 'text', (column) => column.notNull().defaultTo('"all"'))
    .execute();
  await tokens()
    .addColumn('addresses', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
  await tokens().addColumn('not_before', 'bigint').execute();
  await tokens().addColumn('email', 'text').execute();
  await tokens()
    .addColumn('modified_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // Until now the bootstrap token was the only one that could be made.
  await db.updateTable('tokens').set({ bootstrap: 1 }).execute();
  await db
    .updateTable('tokens')
    .set((is) => ({ modified_at: is.ref('created_at') }))
    .execute();

  await schema
    .createTable('audit_events')
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('zone', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_token', 'text', (column) => column.notNull())
    .addColumn('actor_from', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('after', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_events_key', ['revision', 'sequence'])
    .execute();
}
