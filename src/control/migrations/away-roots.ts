import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Roots whose keys lie elsewhere, and the intermediates that they signed ahead. */
export async function awayRoots({ schema }: Kysely<Tables>): Promise<void> {
  for (const [name, otherwise] of [
    ['authority_root_key', 'here'],
    ['authority_standby', ''],
  ] as const) {
    await schema
      .alterTable('zones')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(otherwise))
      .execute();
  }
}
