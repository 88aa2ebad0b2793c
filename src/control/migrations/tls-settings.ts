import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** The oldest TLS for visitors and the limits of the key exchange with origins, at what held before they were stored. */
export async function tlsSettings(db: Kysely<Tables>): Promise<void> {
  const zones = () => db.schema.alterTable('zones');
  await zones()
    .addColumn('min_tls_version', 'text', (column) => column.notNull().defaultTo('1.2'))
    .execute();
  await zones()
    .addColumn('compliance', 'text', (column) => column.notNull().defaultTo('none'))
    .execute();
  // From now on the TTL of a proxied record is automatic. Stored ones would otherwise differ from what they say.
  await db.updateTable('records').set({ ttl: 1 }).where('proxied', '=', 1).execute();
}
