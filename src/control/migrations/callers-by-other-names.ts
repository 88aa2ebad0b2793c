import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Who came to a lock that refuses nobody yet by no name of it, by five minutes, and by who told of it. */
export async function callersByOtherNames({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('origin_other_callers')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('lock_name', 'text', (column) => column.notNull())
    .addColumn('slot', 'bigint', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('examples', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('origin_other_callers_key', ['zone', 'host', 'lock_name', 'slot'])
    .execute();
}
