import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Who came to origins that refuse nobody yet, by five minutes, and who told of it. */
export async function callers({ schema }: Kysely<Tables>): Promise<void> {
  const table = schema
    .createTable('origin_callers')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('slot', 'bigint', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('examples', 'text', (column) => column.notNull());
  await table.addPrimaryKeyConstraint('origin_callers_key', ['zone', 'hostname', 'slot']).execute();
  await schema
    .createTable('origin_caller_sources')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('lock_name', 'text', (column) => column.notNull())
    .addColumn('batch', 'text', (column) => column.notNull())
    .addColumn('hostnames', 'text', (column) => column.notNull())
    .addColumn('reported_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('origin_caller_sources_key', ['zone', 'host', 'lock_name'])
    .execute();
}
