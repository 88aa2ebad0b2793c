import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** What was said of the bundle of each zone, and the signature of that. */
export async function bundleManifests({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('bundle_manifests')
    .addColumn('zone', 'text', (column) => column.primaryKey().references('zones.id').onDelete('cascade'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('core', 'text', (column) => column.notNull())
    .addColumn('manifest', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
}
