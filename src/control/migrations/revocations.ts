import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What CAs of zones have revoked, and the newest list of each CA. */
export async function revocations({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('revocations')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('serial', 'text', (column) => column.notNull())
    .addColumn('certificate', 'text')
    .addColumn('subject', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('revocations_key', ['zone', 'issuer', 'serial'])
    .execute();
  await schema
    .createTable('revocation_lists')
    .addColumn('issuer', 'text', (column) => column.primaryKey())
    .addColumn('zone', 'text', (column) => column.references('zones.id').onDelete('cascade'))
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('this_update', 'bigint', (column) => column.notNull())
    .addColumn('next_update', 'bigint', (column) => column.notNull())
    .addColumn('entries', 'text', (column) => column.notNull())
    .addColumn('list', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('revocation_lists_by_zone').on('revocation_lists').column('zone').execute();
}
