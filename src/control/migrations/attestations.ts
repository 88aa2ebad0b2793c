import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What was seen of locks: the newest look at each origin, and every change of a verdict. */
export async function attestations({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('attestations')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('evidence', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('attestations_key', ['zone', 'origin'])
    .execute();
  await schema
    .createTable('attestation_changes')
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('findings', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('attestation_changes_by_time').on('attestation_changes').columns(['zone', 'at']).execute();
}
