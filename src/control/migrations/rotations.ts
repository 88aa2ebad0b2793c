import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** Rotations, and the authorities that stand beside that of a zone meanwhile. The keys of the first lie under the zone's id. */
export async function rotations(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  for (const name of ['authority_id', 'authority_next', 'authority_retiring']) {
    await schema
      .alterTable('zones')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute();
  }
  await sql`UPDATE zones SET authority_id = id`.execute(db);
  await schema
    .createTable('rotations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('rotations_by_zone').on('rotations').columns(['zone', 'born']).execute();
}
