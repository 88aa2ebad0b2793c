import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** People who are signed in. A row names a token by the hash of its text, so that another text ends it. */
export async function sessions({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('token', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('sessions_by_token').on('sessions').column('token').execute();
}
