import type { ClientCertificate, Wish, X509Facts } from '../domain/certificate.ts';
import { COMPLIANCE_SETS } from '../domain/compliance.ts';
import { BUNDLE_METHODS, CUSTOM_TYPES, type CustomCertificate } from '../domain/custom-certificate.ts';
import {
  accountId,
  certificateId,
  hostname,
  hostnamePattern,
  instant,
  recordId,
  revision,
  zoneId,
} from '../domain/ids.ts';
import { ORIGIN_REQUEST_TYPES, ORIGIN_VALIDITIES, type OriginCertificate } from '../domain/origin-certificate.ts';
import { type DnsRecord, RECORD_TYPES } from '../domain/record.ts';
import { SSL_MODES, TLS_VERSIONS } from '../domain/settings.ts';
import type { Association, TrustedCa, Zone } from '../domain/zone.ts';
import { loadCertificates } from '../pki/read.ts';
import { certificateRequest } from './certificate-request-rows.ts';
import { accessRule, rateLimit } from './protection-rows.ts';
import type { Store } from './store.ts';
import { damaged, storedList, storedWord } from './stored.ts';
import type {
  AssociationRow,
  CertificateRow,
  CustomRow,
  Flag,
  OriginRow,
  RecordRow,
  TrustRow,
  ZoneRow,
} from './tables.ts';
import { visitorAuthorities } from './visitor-authority-rows.ts';

/** All zones as they were stored, in the order in which they were made. Throws StartError for rows it cannot read. */
export async function loadZones(store: Store): Promise<readonly Zone[]> {
  const rows = await store.selectFrom('zones').selectAll().orderBy('born').execute();
  const records = grouped(await store.selectFrom('records').selectAll().orderBy('born').orderBy('ordinal').execute());
  const certificates = grouped(
    await store.selectFrom('certificates').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const requests = grouped(
    await store.selectFrom('certificate_requests').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const associations = grouped(
    await store.selectFrom('associations').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const trusted = grouped(
    await store.selectFrom('trust_store').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const visitors = grouped(
    await store.selectFrom('visitor_authorities').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const custom = grouped(
    await store.selectFrom('custom_certificates').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const origin = grouped(
    await store.selectFrom('origin_certificates').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const access = grouped(
    await store.selectFrom('access_rules').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const limits = grouped(
    await store.selectFrom('rate_limits').selectAll().orderBy('born').orderBy('ordinal').execute(),
  );
  const read = certificateReader();
  return rows.map((row) => ({
    ...zoneFields(row),
    authority: { root: read(row.authority_root), intermediate: read(row.authority_intermediate) },
    records: byKey((records.get(row.id) ?? []).map(record), ({ id }) => id),
    certificates: byKey(
      (certificates.get(row.id) ?? []).map((one) => clientCertificate(one, read)),
      ({ id }) => id,
    ),
    certificateRequests: byKey((requests.get(row.id) ?? []).map(certificateRequest), ({ id }) => id),
    associations: byKey((associations.get(row.id) ?? []).map(association), (one) => one.hostname),
    trustStore: byKey(
      (trusted.get(row.id) ?? []).map((one) => trustedCa(one, read)),
      ({ id }) => id,
    ),
    visitorAuthorities: byKey(
      (visitors.get(row.id) ?? []).map((one) => visitorAuthorities(one, read)),
      ({ hostname: name }) => name,
    ),
    originCertificates: byKey(
      (origin.get(row.id) ?? []).map((one) => originCertificate(one, read)),
      ({ id }) => id,
    ),
    accessRules: byKey((access.get(row.id) ?? []).map(accessRule), ({ id }) => id),
    rateLimits: byKey((limits.get(row.id) ?? []).map(rateLimit), ({ id }) => id),
    customCertificates: byKey(
      (custom.get(row.id) ?? []).map((one) => customCertificate(one, read)),
      ({ id }) => id,
    ),
  }));
}

/** The certificate in a PEM of the store. Throws StartError. */
export function storedCertificate(pem: string): X509Facts {
  const [facts] = loadCertificates(pem);
  return facts ?? damaged('a certificate', pem);
}

function grouped<Row extends { readonly zone: string }>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  return Map.groupBy(rows, ({ zone }) => zone);
}

function byKey<Key, Value>(values: readonly Value[], key: (value: Value) => Key): ReadonlyMap<Key, Value> {
  return new Map(values.map((value) => [key(value), value]));
}

// One issuer stands above many leafs: it is read once.
function certificateReader(): (pem: string) => X509Facts {
  const known = new Map<string, X509Facts>();
  return (pem) => {
    const facts = known.get(pem) ?? storedCertificate(pem);
    known.set(pem, facts);
    return facts;
  };
}

function zoneFields(
  row: ZoneRow,
): Pick<Zone, 'id' | 'account' | 'name' | 'paused' | 'createdAt' | 'modifiedAt' | 'settings'> {
  return {
    id: zoneId(row.id) ?? damaged('a zone id', row.id),
    account: accountId(row.account) ?? damaged('an account id', row.account),
    name: hostname(row.name) ?? damaged('a hostname', row.name),
    paused: on(row.paused),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
    settings: {
      ssl: storedWord(SSL_MODES, row.ssl),
      alwaysUseHttps: on(row.always_use_https),
      globalPull: on(row.global_pull),
      zonePull: on(row.zone_pull),
      minTlsVersion: storedWord(TLS_VERSIONS, row.min_tls_version),
      compliance: storedWord(COMPLIANCE_SETS, row.compliance),
    },
  };
}

function record(row: RecordRow): DnsRecord {
  const { server_name: serverName } = row;
  return {
    id: recordId(row.id) ?? damaged('a record id', row.id),
    name: hostnamePattern(row.name) ?? damaged('a hostname', row.name),
    type: storedWord(RECORD_TYPES, row.type),
    content: row.content,
    ttl: row.ttl,
    proxied: on(row.proxied),
    origin: {
      httpsPort: row.https_port,
      httpPort: row.http_port,
      serverName: serverName === null ? null : (hostname(serverName) ?? damaged('a hostname', serverName)),
      hostHeader: row.host_header,
      http2: on(row.http2),
    },
    originSent: row.origin_sent,
    comment: row.comment,
    mayBePrivate: on(row.may_be_private),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  };
}

function clientCertificate(row: CertificateRow, read: (pem: string) => X509Facts): ClientCertificate {
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    level: storedWord(['zone', 'hostname'], row.level),
    source: storedWord(['managed', 'uploaded'], row.source),
    leaf: read(row.leaf),
    chain: storedList(row.chain).map(read),
    sent: row.sent,
    uploadedAt: instant(row.uploaded_at),
    wish: wish(row),
  };
}

function wish(row: CertificateRow): Wish {
  const kind = storedWord(['deploy', 'delete'], row.wish);
  return { kind, at: instant(row.wish_at), revision: revision(row.wish_revision) };
}

function association(row: AssociationRow): Association {
  return {
    hostname: hostnamePattern(row.hostname) ?? damaged('a hostname', row.hostname),
    kind: storedWord(['present', 'veto'], row.kind),
    certificate: certificateId(row.certificate) ?? damaged('a certificate id', row.certificate),
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
    revision: revision(row.revision),
  };
}

function trustedCa(row: TrustRow, read: (pem: string) => X509Facts): TrustedCa {
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    certificate: read(row.certificate),
    sent: row.sent,
    uploadedAt: instant(row.uploaded_at),
  };
}

function customCertificate(row: CustomRow, read: (pem: string) => X509Facts): CustomCertificate {
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    leaf: read(row.leaf),
    chain: storedList(row.chain).map(read),
    sent: row.sent,
    bundleMethod: storedWord(BUNDLE_METHODS, row.bundle_method),
    type: storedWord(CUSTOM_TYPES, row.type),
    priority: row.priority,
    uploadedAt: instant(row.uploaded_at),
    modifiedAt: instant(row.modified_at),
    revision: revision(row.revision),
  };
}

function originCertificate(row: OriginRow, read: (pem: string) => X509Facts): OriginCertificate {
  const days = ORIGIN_VALIDITIES.find((one) => one === row.requested_validity);
  return {
    id: row.id,
    certificate: read(row.certificate),
    csr: row.csr,
    hostnames: storedList(row.hostnames).map((name) => hostnamePattern(name) ?? damaged('a hostname', name)),
    requestType: storedWord(ORIGIN_REQUEST_TYPES, row.request_type),
    requestedValidity: days ?? damaged('a number of days', String(row.requested_validity)),
    issuedAt: instant(row.issued_at),
    revokedAt: row.revoked_at === null ? null : instant(row.revoked_at),
  };
}

function on(value: Flag): boolean {
  return value === 1;
}
