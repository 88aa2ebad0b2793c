import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What a zone says of looks at its locks: which paths are asked for, and whether somebody looks. */
export async function lookSettings({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .alterTable('zones')
    .addColumn('looks', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}
