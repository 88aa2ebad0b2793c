import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** When each token was used last: one that nobody uses can go. */
export async function tokenUses({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('tokens').addColumn('last_used_at', 'bigint').execute();
}
