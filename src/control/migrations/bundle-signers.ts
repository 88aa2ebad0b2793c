import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What roots whose keys are away have certified to sign what is said of bundles. */
export async function bundleSigners({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .alterTable('zones')
    .addColumn('authority_signer', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}
