import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What certificates who tells of callers says that the server itself shows. */
export async function toldCertificates({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('origin_caller_sources').addColumn('certificates', 'text').execute();
}
