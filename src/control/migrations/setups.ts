import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What was chosen in set-ups of hostnames that are under way. How far they are is derived, and stored nowhere. */
export async function setups({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('setups')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('choices', 'text', (column) => column.notNull())
    .addColumn('began_at', 'bigint', (column) => column.notNull())
    .addColumn('modified_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('setups_key', ['zone', 'hostname'])
    .execute();
}
