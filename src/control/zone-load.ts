import type { CompiledQuery, QueryResult } from 'kysely';
import type { ClientCertificate, Wish, X509Facts } from '../domain/certificate.ts';
import { COMPLIANCE_SETS } from '../domain/compliance.ts';
import { BUNDLE_METHODS, CUSTOM_TYPES, type CustomCertificate } from '../domain/custom-certificate.ts';
import {
  accountId,
  certificateId,
  fingerprint,
  hostname,
  hostnamePattern,
  instant,
  recordId,
  revision,
  zoneId,
} from '../domain/ids.ts';
import { ORIGIN_REQUEST_TYPES, ORIGIN_VALIDITIES, type OriginCertificate } from '../domain/origin-certificate.ts';
import { type DnsRecord, RECORD_TYPES } from '../domain/record.ts';
import { revocationKey } from '../domain/revocation.ts';
import { SSL_MODES, TLS_VERSIONS } from '../domain/settings.ts';
import type { Association, CaPair, RetiringPair, TrustedCa, Zone, ZoneAuthority } from '../domain/zone.ts';
import { keptBefore } from '../pki/kept-certificate.ts';
import { loadCertificates } from '../pki/read.ts';
import { certificateRequest } from './certificate-request-rows.ts';
import { storedLookSettings } from './look-settings-row.ts';
import { opening } from './opening-rows.ts';
import { accessRule, rateLimit } from './protection-rows.ts';
import { newestRotations } from './rotation-rows.ts';
import { revocation } from './revocation-rows.ts';
import type { Store } from './store.ts';
import { damaged, storedList, storedWord } from './stored.ts';
import type {
  AssociationRow,
  CertificateRow,
  CustomRow,
  InZone,
  OriginRow,
  RecordRow,
  Tables,
  TrustRow,
  ZoneRow,
} from './tables.ts';
import { visitorAuthorities } from './visitor-authority-rows.ts';
import { isOn } from './flag.ts';

/** All zones as they were stored, in the order in which they were made. Throws StartError for rows it cannot read. */
export async function loadZones(store: Store): Promise<readonly Zone[]> {
  const read = certificateReader();
  const parts = await loadParts(store, read);
  const rotations = await newestRotations(store);
  const rows = await store.selectFrom('zones').selectAll().orderBy('born').execute();
  return rows.map((row) => ({
    ...zoneFields(row),
    authority: authority(row, read),
    openings: parts.openings.get(row.id) ?? new Map(),
    looks: storedLookSettings(row.looks),
    rotation: rotations.get(row.id) ?? null,
    records: parts.records.get(row.id) ?? new Map(),
    certificates: parts.certificates.get(row.id) ?? new Map(),
    certificateRequests: parts.certificateRequests.get(row.id) ?? new Map(),
    associations: parts.associations.get(row.id) ?? new Map(),
    trustStore: parts.trustStore.get(row.id) ?? new Map(),
    visitorAuthorities: parts.visitorAuthorities.get(row.id) ?? new Map(),
    originCertificates: parts.originCertificates.get(row.id) ?? new Map(),
    accessRules: parts.accessRules.get(row.id) ?? new Map(),
    rateLimits: parts.rateLimits.get(row.id) ?? new Map(),
    revocations: parts.revocations.get(row.id) ?? new Map(),
    customCertificates: parts.customCertificates.get(row.id) ?? new Map(),
  }));
}

/** What lies in zones, by zone: row after row, so that only what they mean is in memory, never all of the rows. */
async function loadParts(store: Store, read: CertificateReader) {
  const chainOf = chainReader(read);
  return {
    records: await byZone(inOrder(store, 'records'), record, ({ id }) => id),
    certificates: await byZone(
      inOrder(store, 'certificates'),
      (row) => clientCertificate(row, chainOf),
      ({ id }) => id,
    ),
    certificateRequests: await byZone(inOrder(store, 'certificate_requests'), certificateRequest, ({ id }) => id),
    associations: await byZone(inOrder(store, 'associations'), association, (one) => one.hostname),
    trustStore: await byZone(
      inOrder(store, 'trust_store'),
      (row) => trustedCa(row, read),
      ({ id }) => id,
    ),
    visitorAuthorities: await byZone(
      inOrder(store, 'visitor_authorities'),
      (row) => visitorAuthorities(row, read),
      (one) => one.hostname,
    ),
    originCertificates: await byZone(
      inOrder(store, 'origin_certificates'),
      (row) => originCertificate(row, read),
      ({ id }) => id,
    ),
    openings: await byZone(inOrder(store, 'openings'), opening, ({ hostname: name }) => name),
    accessRules: await byZone(inOrder(store, 'access_rules'), accessRule, ({ id }) => id),
    rateLimits: await byZone(inOrder(store, 'rate_limits'), rateLimit, ({ id }) => id),
    revocations: await byZone(inOrder(store, 'revocations'), revocation, revocationKey),
    customCertificates: await byZone(
      inOrder(store, 'custom_certificates'),
      (row) => customCertificate(row, chainOf),
      ({ id }) => id,
    ),
  };
}

/** The certificate in a PEM of the store. Throws StartError. */
export function storedCertificate(pem: string): X509Facts {
  const [facts] = loadCertificates(pem);
  return facts ?? damaged('a certificate', pem);
}

/** The tables of what lies in a zone. */
type Part = keyof { [Name in keyof Tables as Tables[Name] extends InZone ? Name : never]: Name };

/** Rows that are read at once. */
const TOGETHER = 500;

function inOrder<Name extends Part>(store: Store, table: Name): AsyncIterable<QueryResult<Tables[Name]>> {
  const rows = store.selectFrom<Part>(table).selectAll().orderBy('zone').orderBy('born').orderBy('ordinal');
  // The compiler loses which of the tables it is.
  return store.getExecutor().stream(rows.compile() as CompiledQuery<unknown> as CompiledQuery<Tables[Name]>, TOGETHER);
}

async function byZone<Row extends { readonly zone: string }, Key, Value>(
  results: AsyncIterable<QueryResult<Row>>,
  read: (row: Row) => Value,
  key: (value: Value) => Key,
): Promise<ReadonlyMap<string, ReadonlyMap<Key, Value>>> {
  const zones = new Map<string, Map<Key, Value>>();
  for await (const { rows } of results) {
    for (const row of rows) {
      const value = read(row);
      const known = zones.get(row.zone);
      if (known === undefined) zones.set(row.zone, new Map([[key(value), value]]));
      else known.set(key(value), value);
    }
  }
  return zones;
}

type CertificateReader = (pem: string) => X509Facts;

// One issuer stands above many leafs: it is read once.
function certificateReader(): CertificateReader {
  const known = new Map<string, X509Facts>();
  return (pem) => {
    const facts = known.get(pem) ?? storedCertificate(pem);
    known.set(pem, facts);
    return facts;
  };
}

/** Reads JSON lists of PEM: the same text always gives the same list. */
function chainReader(read: CertificateReader): (json: string) => readonly X509Facts[] {
  const known = new Map<string, readonly X509Facts[]>();
  return (json) => {
    const chain = known.get(json) ?? storedList(json).map(read);
    known.set(json, chain);
    return chain;
  };
}

function zoneFields(
  row: ZoneRow,
): Pick<Zone, 'id' | 'account' | 'name' | 'paused' | 'createdAt' | 'modifiedAt' | 'settings'> {
  return {
    id: zoneId(row.id) ?? damaged('a zone id', row.id),
    account: accountId(row.account) ?? damaged('an account id', row.account),
    name: hostname(row.name) ?? damaged('a hostname', row.name),
    paused: isOn(row.paused),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
    settings: {
      ssl: storedWord(SSL_MODES, row.ssl),
      alwaysUseHttps: isOn(row.always_use_https),
      globalPull: isOn(row.global_pull),
      zonePull: isOn(row.zone_pull),
      minTlsVersion: storedWord(TLS_VERSIONS, row.min_tls_version),
      compliance: storedWord(COMPLIANCE_SETS, row.compliance),
    },
  };
}

const ROOT_KEYS = ['here', 'away'] as const;

function authority(row: ZoneRow, read: CertificateReader): ZoneAuthority {
  return {
    id: row.authority_id,
    root: read(row.authority_root),
    intermediate: read(row.authority_intermediate),
    rootKey: storedWord(ROOT_KEYS, row.authority_root_key),
    standby: row.authority_standby === '' ? null : read(row.authority_standby),
    signer: row.authority_signer === '' ? null : read(row.authority_signer),
    next: pair(row.authority_next, read),
    retiring: retiringPair(row.authority_retiring, read),
  };
}

function pair(json: string, read: CertificateReader): CaPair | null {
  if (json === '') return null;
  const [id = damaged('an authority', json), root = '', intermediate = '', rootKey = 'here'] = storedList(json);
  return { id, root: read(root), intermediate: read(intermediate), rootKey: storedWord(ROOT_KEYS, rootKey) };
}

function retiringPair(json: string, read: CertificateReader): RetiringPair | null {
  const found = pair(json, read);
  return found && { ...found, trusted: storedList(json)[4] === 'trusted' };
}

function record(row: RecordRow): DnsRecord {
  const { server_name: serverName } = row;
  return {
    id: recordId(row.id) ?? damaged('a record id', row.id),
    name: hostnamePattern(row.name) ?? damaged('a hostname', row.name),
    type: storedWord(RECORD_TYPES, row.type),
    content: row.content,
    ttl: row.ttl,
    proxied: isOn(row.proxied),
    origin: {
      httpsPort: row.https_port,
      httpPort: row.http_port,
      serverName: serverName === null ? null : (hostname(serverName) ?? damaged('a hostname', serverName)),
      hostHeader: row.host_header,
      http2: isOn(row.http2),
    },
    originSent: row.origin_sent,
    comment: row.comment,
    mayBePrivate: isOn(row.may_be_private),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  };
}

type ChainReader = ReturnType<typeof chainReader>;

function clientCertificate(row: CertificateRow, chainOf: ChainReader): ClientCertificate {
  const known = {
    fingerprint: fingerprint(row.fingerprint) ?? damaged('a fingerprint', row.fingerprint),
    issuer: row.issuer,
    serial: row.serial,
    notBefore: instant(row.not_before),
    notAfter: instant(row.not_after),
  };
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    level: storedWord(['zone', 'hostname'], row.level),
    source: storedWord(['managed', 'uploaded'], row.source),
    leaf: keptBefore(known, row.leaf) ?? damaged(`the certificate of fingerprint ${row.fingerprint}`, row.leaf),
    chain: chainOf(row.chain),
    sent: row.sent === '' ? null : row.sent,
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

function trustedCa(row: TrustRow, read: CertificateReader): TrustedCa {
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    certificate: read(row.certificate),
    sent: row.sent,
    uploadedAt: instant(row.uploaded_at),
  };
}

function customCertificate(row: CustomRow, chainOf: ChainReader): CustomCertificate {
  return {
    id: certificateId(row.id) ?? damaged('a certificate id', row.id),
    leaf: storedCertificate(row.leaf),
    chain: chainOf(row.chain),
    sent: row.sent,
    bundleMethod: storedWord(BUNDLE_METHODS, row.bundle_method),
    type: storedWord(CUSTOM_TYPES, row.type),
    priority: row.priority,
    uploadedAt: instant(row.uploaded_at),
    modifiedAt: instant(row.modified_at),
    revision: revision(row.revision),
  };
}

function originCertificate(row: OriginRow, read: CertificateReader): OriginCertificate {
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
