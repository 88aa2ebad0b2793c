import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What the edges counted, a row for each step of time. */
export async function analyticsSteps({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('analytics_steps')
    .addColumn('began', 'bigint', (column) => column.primaryKey())
    .addColumn('counts', 'text', (column) => column.notNull())
    .execute();
}
