import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** When who tells of callers last told of a request: that somebody reads an empty log says nothing of the server. */
export async function callerEvidence({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('origin_caller_sources').addColumn('counted_at', 'bigint').execute();
}
