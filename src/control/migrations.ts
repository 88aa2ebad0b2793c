import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { analyticsSteps } from './migrations/analytics-steps.ts';
import { auditIndexes } from './migrations/audit-indexes.ts';
import { awayRoots } from './migrations/away-roots.ts';
import { attestations } from './migrations/attestations.ts';
import { bundleSigners } from './migrations/bundle-signers.ts';
import { severalAccounts } from './migrations/accounts.ts';
import { bundleManifests } from './migrations/bundle-manifests.ts';
import { callerEvidence } from './migrations/caller-evidence.ts';
import { callers } from './migrations/callers.ts';
import { callersByOtherNames } from './migrations/callers-by-other-names.ts';
import { certificateRequests } from './migrations/certificate-requests.ts';
import { certificateFacts } from './migrations/certificate-facts.ts';
import { lookSettings } from './migrations/look-settings.ts';
import { openings } from './migrations/openings.ts';
import { notices } from './migrations/notices.ts';
import { originReports } from './migrations/origin-reports.ts';
import { privateOrigins } from './migrations/private-origins.ts';
import { rotations } from './migrations/rotations.ts';
import { revocations } from './migrations/revocations.ts';
import { sessions } from './migrations/sessions.ts';
import { setupMoments } from './migrations/setup-moments.ts';
import { setups } from './migrations/setups.ts';
import { tlsSettings } from './migrations/tls-settings.ts';
import { toldCertificates } from './migrations/told-certificates.ts';
import { tokenUses } from './migrations/token-uses.ts';
import { tokensAndAudit } from './migrations/tokens-and-audit.ts';
import { visitorAuthorities } from './migrations/visitor-authorities.ts';
import { StartError } from './start-error.ts';
import type { Tables } from './tables.ts';

type Migration = (db: Kysely<Tables>) => Promise<void>;

/** Numbered from 1. A migration that has been released is never edited: the next one mends it. */
const MIGRATIONS: readonly Migration[] = [
  createTables,
  tokensAndAudit,
  addCustomCertificates,
  addOriginCertificates,
  addProtection,
  tlsSettings,
  privateOrigins,
  visitorAuthorities,
  addHttp2Origins,
  severalAccounts,
  certificateRequests,
  certificateFacts,
  rotations,
  revocations,
  bundleManifests,
  openings,
  notices,
  awayRoots,
  originReports,
  bundleSigners,
  attestations,
  sessions,
  analyticsSteps,
  lookSettings,
  callers,
  setups,
  auditIndexes,
  setupMoments,
  tokenUses,
  callerEvidence,
  toldCertificates,
  callersByOtherNames,
];

/** The schema version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a store up to this program's schema, one transaction for each step, so that a crash leaves a whole version.
 * Throws StartError for a store that a newer program wrote.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const present = await schemaVersion(db);
  if (present > SCHEMA_VERSION) {
    throw new StartError(
      `The store has schema version ${present}, newer than the ${SCHEMA_VERSION} that this program knows`,
      'Start it with the newer program, or restore a backup made by this one.',
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    const version = index + 1;
    if (version <= present) continue;
    await db.transaction().execute(async (transaction) => {
      await migration(transaction);
      await transaction
        .insertInto('meta')
        .values({ name: 'schema_version', value: String(version) })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: String(version) }))
        .execute();
    });
  }
}

async function schemaVersion(db: Kysely<Tables>): Promise<number> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'meta')) return 0;
  const row = await db.selectFrom('meta').select('value').where('name', '=', 'schema_version').executeTakeFirst();
  const version = Number(row?.value ?? 'none');
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new StartError('The store does not say which schema it has', 'Restore a backup of the data directory.');
}

async function createTables(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('meta')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await createZoneTable(db);
  await createRecordTable(db);
  await createCertificateTables(db);
  await createTrustTables(db);
  await createTokenTable(db);
  await createRevisionTable(db);
}

async function createZoneTable({ schema }: Kysely<Tables>): Promise<void> {
  const table = schema
    .createTable('zones')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('name', 'text', (column) => column.notNull().unique());
  const texts = ['ssl', 'authority_root', 'authority_intermediate'];
  const numbers = ['created_at', 'modified_at', 'born'];
  const flags = ['paused', 'always_use_https', 'global_pull', 'zone_pull'];
  await columns(table, texts, [...numbers, ...flags]).execute();
}

async function createRecordTable({ schema }: Kysely<Tables>): Promise<void> {
  const table = inZone(schema.createTable('records').addColumn('id', 'text', (column) => column.primaryKey()))
    .addColumn('server_name', 'text')
    .addColumn('host_header', 'text')
    .addColumn('origin_sent', 'text')
    .addColumn('comment', 'text');
  const numbers = ['ttl', 'proxied', 'https_port', 'http_port', 'created_at', 'modified_at'];
  await columns(table, ['name', 'type', 'content'], numbers).execute();
  await schema.createIndex('records_by_zone').on('records').columns(['zone', 'born', 'ordinal']).execute();
}

async function createCertificateTables({ schema }: Kysely<Tables>): Promise<void> {
  const table = inZone(schema.createTable('certificates').addColumn('id', 'text', (column) => column.primaryKey()));
  const texts = ['level', 'source', 'leaf', 'chain', 'sent', 'wish'];
  await columns(table, texts, ['uploaded_at', 'wish_at', 'wish_revision']).execute();
  await schema.createIndex('certificates_by_zone').on('certificates').columns(['zone', 'born', 'ordinal']).execute();

  const associations = inZone(schema.createTable('associations').addColumn('hostname', 'text'))
    .addColumn('certificate', 'text', (column) => column.notNull().references('certificates.id'))
    .addPrimaryKeyConstraint('associations_key', ['zone', 'hostname']);
  await columns(associations, ['kind'], ['created_at', 'updated_at', 'revision']).execute();
}

async function createTrustTables({ schema }: Kysely<Tables>): Promise<void> {
  const trust = inZone(schema.createTable('trust_store').addColumn('id', 'text', (column) => column.primaryKey()));
  await columns(trust, ['certificate', 'sent'], ['uploaded_at']).execute();

  const visitor = schema
    .createTable('visitor_certificates')
    .addColumn('zone', 'text', (column) => column.primaryKey().references('zones.id').onDelete('cascade'));
  await columns(visitor, ['names', 'chain'], ['not_before', 'not_after']).execute();

  await schema
    .createTable('secrets')
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('zone', 'text', (column) => column.references('zones.id').onDelete('cascade'))
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('secrets_key', ['purpose', 'id'])
    .execute();
  await schema.createIndex('secrets_by_zone').on('secrets').column('zone').execute();
}

async function createTokenTable({ schema }: Kysely<Tables>): Promise<void> {
  const table = schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint');
  await columns(table, ['name', 'permissions'], ['created_at']).execute();
}

async function createRevisionTable({ schema }: Kysely<Tables>): Promise<void> {
  const table = schema
    .createTable('revisions')
    .addColumn('revision', 'bigint', (column) => column.primaryKey())
    // No reference: the log outlives the zone.
    .addColumn('zone', 'text');
  await columns(table, ['actor_token', 'actor_from', 'command', 'before', 'after'], ['at']).execute();
  await schema.createIndex('revisions_by_zone').on('revisions').columns(['zone', 'revision']).execute();
}

async function addOriginCertificates({ schema }: Kysely<Tables>): Promise<void> {
  const table = inZone(
    schema.createTable('origin_certificates').addColumn('id', 'text', (column) => column.primaryKey()),
  ).addColumn('revoked_at', 'bigint');
  const texts = ['certificate', 'csr', 'hostnames', 'request_type'];
  await columns(table, texts, ['requested_validity', 'issued_at']).execute();
}

async function addCustomCertificates({ schema }: Kysely<Tables>): Promise<void> {
  const table = inZone(
    schema.createTable('custom_certificates').addColumn('id', 'text', (column) => column.primaryKey()),
  );
  const texts = ['leaf', 'chain', 'sent', 'bundle_method', 'type'];
  await columns(table, texts, ['priority', 'uploaded_at', 'modified_at', 'revision']).execute();
}

async function addProtection({ schema }: Kysely<Tables>): Promise<void> {
  const access = inZone(schema.createTable('access_rules').addColumn('id', 'text', (column) => column.primaryKey()));
  await columns(access, ['mode', 'network', 'notes'], ['created_at', 'modified_at']).execute();
  const limits = inZone(schema.createTable('rate_limits').addColumn('id', 'text', (column) => column.primaryKey()));
  const texts = ['description', 'methods', 'schemes', 'url', 'counted_by', 'action'];
  await columns(limits, texts, ['disabled', 'threshold', 'period', 'timeout', 'created_at', 'modified_at']).execute();
}

async function addHttp2Origins({ schema }: Kysely<Tables>): Promise<void> {
  const http2 = schema.alterTable('records').addColumn('http2', 'bigint', (column) => column.notNull().defaultTo(0));
  await http2.execute();
}

type Table<Columns extends string> = CreateTableBuilder<string, Columns>;

function inZone<Columns extends string>(table: Table<Columns>): Table<Columns | 'zone' | 'born' | 'ordinal'> {
  return table
    .addColumn('zone', 'text', (column) => column.notNull().references('zones.id').onDelete('cascade'))
    .addColumn('born', 'bigint', (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull());
}

function columns(table: Table<string>, texts: readonly string[], numbers: readonly string[]): Table<string> {
  const withTexts = texts.reduce((so, name) => so.addColumn(name, sql`text`, (column) => column.notNull()), table);
  return numbers.reduce((so, name) => so.addColumn(name, sql`bigint`, (column) => column.notNull()), withTexts);
}
