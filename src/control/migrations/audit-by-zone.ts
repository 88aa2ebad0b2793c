import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** The audit log of a zone is read along an index in both of its tables; revisions have had one from the beginning. */
export async function auditByZone({ schema }: Kysely<Tables>): Promise<void> {
  const columns = ['zone', 'revision', 'sequence'];
  await schema.createIndex('audit_events_by_zone').on('audit_events').columns(columns).execute();
}
