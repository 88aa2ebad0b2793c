import type { ClientCertificate } from '../domain/certificate.ts';
import type { CustomCertificate } from '../domain/custom-certificate.ts';
import { mapChange } from '../domain/map-change.ts';
import type { OriginCertificate } from '../domain/origin-certificate.ts';
import type { DnsRecord } from '../domain/record.ts';
import type { Association, CaPair, RetiringPair, TrustedCa, Zone } from '../domain/zone.ts';
import { writeCertificateRequests } from './certificate-request-rows.ts';
import { lookSettingsText } from './look-settings-row.ts';
import { writeOpenings } from './opening-rows.ts';
import { writeAccessRules, writeRateLimits } from './protection-rows.ts';
import { writeRotation } from './rotation-rows.ts';
import { writeRevocations } from './revocation-rows.ts';
import type { Store } from './store.ts';
import { flag } from './flag.ts';
import type {
  AssociationRow,
  CertificateRow,
  CustomRow,
  OriginRow,
  RecordRow,
  RowChange,
  TrustRow,
  Unordered,
  ZoneRow,
} from './tables.ts';
import { writeVisitorAuthorities } from './visitor-authority-rows.ts';

function rowChange<Key, Value>(before: ReadonlyMap<Key, Value>, after: ReadonlyMap<Key, Value>): RowChange<Key, Value> {
  const { put, dropped } = mapChange(before, after);
  return { put: put.map((key) => after.get(key)).filter((value) => value !== undefined), dropped };
}

/** Writes what differs between two states of a zone; `null` stands for no zone. Belongs in a transaction. */
export async function writeZone(store: Store, before: Zone | null, after: Zone | null, born: number): Promise<void> {
  if (after === null) {
    // Associations first: they refer to certificates, and the cascade has no order.
    if (before === null) return;
    await store.deleteFrom('associations').where('zone', '=', before.id).execute();
    await store.deleteFrom('zones').where('id', '=', before.id).execute();
    return;
  }
  await putZone(store, zoneRow(after), born);
  const old = before ?? EMPTY;
  await writeRecords(store, after, rowChange(old.records, after.records), born);
  await writeCertificates(store, after, rowChange(old.certificates, after.certificates), born);
  const requests = rowChange(old.certificateRequests, after.certificateRequests);
  await writeCertificateRequests(store, after, requests, born);
  await writeAssociations(store, after, rowChange(old.associations, after.associations), born);
  await writeTrust(store, after, rowChange(old.trustStore, after.trustStore), born);
  await writeVisitorAuthorities(store, after, rowChange(old.visitorAuthorities, after.visitorAuthorities), born);
  await writeOrigin(store, after, rowChange(old.originCertificates, after.originCertificates), born);
  await writeAccessRules(store, after, rowChange(old.accessRules, after.accessRules), born);
  await writeRateLimits(store, after, rowChange(old.rateLimits, after.rateLimits), born);
  await writeOpenings(store, after, rowChange(old.openings, after.openings), born);
  await writeRevocations(store, after, rowChange(old.revocations, after.revocations), born);
  await writeCustom(store, after, rowChange(old.customCertificates, after.customCertificates), born);
  if (after.rotation !== null && after.rotation !== before?.rotation) {
    await writeRotation(store, after.id, after.rotation, born);
  }
}

type ZoneMaps =
  | 'records'
  | 'certificates'
  | 'certificateRequests'
  | 'associations'
  | 'trustStore'
  | 'visitorAuthorities'
  | 'customCertificates'
  | 'originCertificates'
  | 'accessRules'
  | 'openings'
  | 'rateLimits'
  | 'revocations';

const EMPTY: Pick<Zone, ZoneMaps> = {
  records: new Map(),
  certificates: new Map(),
  certificateRequests: new Map(),
  associations: new Map(),
  trustStore: new Map(),
  visitorAuthorities: new Map(),
  customCertificates: new Map(),
  originCertificates: new Map(),
  accessRules: new Map(),
  openings: new Map(),
  rateLimits: new Map(),
  revocations: new Map(),
};

// `born` and `ordinal` are set once: a row that changes keeps its place.
async function putZone(store: Store, row: Unordered<ZoneRow>, born: number): Promise<void> {
  await store
    .insertInto('zones')
    .values({ ...row, born })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

async function writeRecords(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, DnsRecord>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('records').where('id', '=', id).execute();
  for (const [ordinal, record] of put.entries()) {
    const row = recordRow(zone, record);
    await store
      .insertInto('records')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

async function writeCertificates(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, ClientCertificate>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('certificates').where('id', '=', id).execute();
  for (const [ordinal, certificate] of put.entries()) {
    const row = certificateRow(zone, certificate);
    await store
      .insertInto('certificates')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

async function writeAssociations(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, Association>,
  born: number,
): Promise<void> {
  for (const hostname of dropped) {
    await store.deleteFrom('associations').where('zone', '=', zone.id).where('hostname', '=', hostname).execute();
  }
  for (const [ordinal, association] of put.entries()) {
    const row = associationRow(zone, association);
    await store
      .insertInto('associations')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.columns(['zone', 'hostname']).doUpdateSet(row))
      .execute();
  }
}

async function writeTrust(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, TrustedCa>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('trust_store').where('id', '=', id).execute();
  for (const [ordinal, ca] of put.entries()) {
    await store
      .insertInto('trust_store')
      .values({ ...trustRow(zone, ca), born, ordinal })
      .execute();
  }
}

async function writeCustom(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, CustomCertificate>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('custom_certificates').where('id', '=', id).execute();
  for (const [ordinal, certificate] of put.entries()) {
    const row = customRow(zone, certificate);
    await store
      .insertInto('custom_certificates')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

async function writeOrigin(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, OriginCertificate>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('origin_certificates').where('id', '=', id).execute();
  for (const [ordinal, certificate] of put.entries()) {
    const row = originRow(zone, certificate);
    await store
      .insertInto('origin_certificates')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

function zoneRow(zone: Zone): Unordered<ZoneRow> {
  const { settings, authority } = zone;
  return {
    id: zone.id,
    account: zone.account,
    name: zone.name,
    paused: flag(zone.paused),
    created_at: zone.createdAt,
    modified_at: zone.modifiedAt,
    ssl: settings.ssl,
    always_use_https: flag(settings.alwaysUseHttps),
    global_pull: flag(settings.globalPull),
    zone_pull: flag(settings.zonePull),
    min_tls_version: settings.minTlsVersion,
    compliance: settings.compliance,
    authority_root: authority.root.pem,
    authority_intermediate: authority.intermediate.pem,
    authority_id: authority.id,
    authority_root_key: authority.rootKey,
    authority_standby: authority.standby?.pem ?? '',
    authority_signer: authority.signer?.pem ?? '',
    authority_next: pairText(authority.next),
    authority_retiring: authority.retiring === null ? '' : retiringText(authority.retiring),
    looks: lookSettingsText(zone.looks),
  };
}

function pairText(pair: CaPair | null): string {
  return pair === null ? '' : JSON.stringify(pairTexts(pair));
}

function retiringText(pair: RetiringPair): string {
  return JSON.stringify([...pairTexts(pair), pair.trusted ? 'trusted' : 'distrusted']);
}

function pairTexts({ id, root, intermediate, rootKey }: CaPair): readonly string[] {
  return [id, root.pem, intermediate.pem, rootKey];
}

function recordRow(zone: Zone, record: DnsRecord): Unordered<RecordRow> {
  const { origin } = record;
  return {
    id: record.id,
    zone: zone.id,
    name: record.name,
    type: record.type,
    content: record.content,
    ttl: record.ttl,
    proxied: flag(record.proxied),
    https_port: origin.httpsPort,
    http_port: origin.httpPort,
    server_name: origin.serverName,
    host_header: origin.hostHeader,
    http2: flag(origin.http2),
    origin_sent: record.originSent,
    comment: record.comment,
    may_be_private: flag(record.mayBePrivate),
    created_at: record.createdAt,
    modified_at: record.modifiedAt,
  };
}

function certificateRow(zone: Zone, certificate: ClientCertificate): Unordered<CertificateRow> {
  const { leaf, wish } = certificate;
  return {
    id: certificate.id,
    zone: zone.id,
    level: certificate.level,
    source: certificate.source,
    leaf: leaf.pem,
    fingerprint: leaf.fingerprint,
    issuer: leaf.issuer,
    serial: leaf.serial,
    not_before: leaf.notBefore,
    not_after: leaf.notAfter,
    chain: JSON.stringify(certificate.chain.map(({ pem }) => pem)),
    sent: certificate.sent ?? '',
    uploaded_at: certificate.uploadedAt,
    wish: wish.kind,
    wish_at: wish.at,
    wish_revision: wish.revision,
  };
}

function associationRow(zone: Zone, association: Association): Unordered<AssociationRow> {
  const { hostname, kind, certificate, createdAt, updatedAt, revision } = association;
  return { zone: zone.id, hostname, kind, certificate, created_at: createdAt, updated_at: updatedAt, revision };
}

function trustRow(zone: Zone, ca: TrustedCa): Unordered<TrustRow> {
  const { id, certificate, sent, uploadedAt } = ca;
  return { zone: zone.id, id, certificate: certificate.pem, sent, uploaded_at: uploadedAt };
}

function customRow(zone: Zone, certificate: CustomCertificate): Unordered<CustomRow> {
  const { id, leaf, chain, sent, bundleMethod, type, priority, uploadedAt, modifiedAt, revision } = certificate;
  return {
    id,
    zone: zone.id,
    leaf: leaf.pem,
    chain: JSON.stringify(chain.map(({ pem }) => pem)),
    sent,
    bundle_method: bundleMethod,
    type,
    priority,
    uploaded_at: uploadedAt,
    modified_at: modifiedAt,
    revision,
  };
}

function originRow(zone: Zone, one: OriginCertificate): Unordered<OriginRow> {
  return {
    id: one.id,
    zone: zone.id,
    certificate: one.certificate.pem,
    csr: one.csr,
    hostnames: JSON.stringify(one.hostnames),
    request_type: one.requestType,
    requested_validity: one.requestedValidity,
    issued_at: one.issuedAt,
    revoked_at: one.revokedAt,
  };
}
