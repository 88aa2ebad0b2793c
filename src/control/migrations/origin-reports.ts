import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What origins said last of themselves. */
export async function originReports({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('origin_reports')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('lock_name', 'text', (column) => column.notNull())
    .addColumn('reported_at', 'bigint', (column) => column.notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('origin_reports_key', ['zone', 'host', 'lock_name'])
    .execute();
}
