import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** The names of the indexes along which the two tables of the audit log are read by zone, by action and by actor. */
const INDEXES = [
  ['audit_events_by_zone', 'audit_events', ['zone', 'revision', 'sequence']],
  ['audit_events_by_action', 'audit_events', ['command', 'revision', 'sequence']],
  ['audit_events_by_actor', 'audit_events', ['actor_token', 'revision', 'sequence']],
  ['revisions_by_action', 'revisions', ['command', 'revision']],
  ['revisions_by_actor', 'revisions', ['actor_token', 'revision']],
] as const;

/** A filter that few entries fit must not read a log of years. Revisions have had an index by zone from the beginning. */
export async function auditIndexes({ schema }: Kysely<Tables>): Promise<void> {
  for (const [name, table, columns] of INDEXES)
    await schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute();
}
