import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Locks that are open for a while. */
export async function openings({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('openings')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('opened_by', 'text', (column) => column.notNull())
    .addColumn('because', 'text', (column) => column.notNull())
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('openings_key', ['zone', 'hostname'])
    .execute();
}
