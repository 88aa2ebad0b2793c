import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Since when a set-up has its configuration, and when somebody decided to enforce: what is older says nothing of either. */
export async function setupMoments({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('setups').addColumn('configured_at', 'bigint').execute();
  await schema.alterTable('setups').addColumn('decided_at', 'bigint').execute();
}
