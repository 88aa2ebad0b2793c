import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** The CAs whose certificates hostnames ask of their visitors. */
export async function visitorAuthorities({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('visitor_authorities')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('certificates', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('modified_at', 'bigint', (column) => column.notNull())
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('visitor_authorities_key', ['zone', 'hostname'])
    .execute();
}
