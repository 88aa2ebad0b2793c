import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Requests that CAs of zones' owners are to answer. */
export async function certificateRequests({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('certificate_requests')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('key_type', 'text', (column) => column.notNull())
    .addColumn('spki', 'text', (column) => column.notNull())
    .addColumn('common_name', 'text', (column) => column.notNull())
    .addColumn('hostnames', 'text', (column) => column.notNull())
    .addColumn('pem', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .execute();
}
