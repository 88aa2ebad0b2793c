import type { Flag } from './flag.ts';
import type { NoticeChannelRow, NoticeDeliveryRow, NoticeMarkRow, NoticeRow } from './notices/tables.ts';
import type {
  AttestationChangeRow,
  AttestationRow,
  CallerRow,
  CallerSourceRow,
  OriginReportRow,
  OtherCallerRow,
  SetupRow,
} from './origin-tables.ts';

/**
 * The rows of the store. Only types that every SQL database has: ids and PEM as text, times in integer milliseconds,
 * booleans as 0 or 1, lists as JSON text. `born` and `ordinal` keep the order in which rows came into a zone.
 */
export interface Tables {
  readonly meta: MetaRow;
  readonly accounts: AccountRow;
  readonly zones: ZoneRow;
  readonly records: RecordRow;
  readonly certificates: CertificateRow;
  readonly certificate_requests: CertificateRequestRow;
  readonly associations: AssociationRow;
  readonly trust_store: TrustRow;
  readonly visitor_authorities: VisitorAuthoritiesRow;
  readonly visitor_certificates: VisitorRow;
  readonly custom_certificates: CustomRow;
  readonly origin_certificates: OriginRow;
  readonly access_rules: AccessRuleRow;
  readonly rate_limits: RateLimitRow;
  readonly rotations: RotationRow;
  readonly revocations: RevocationRow;
  readonly bundle_manifests: ManifestRow;
  readonly openings: OpeningRow;
  readonly analytics_steps: AnalyticsStepRow;
  readonly origin_reports: OriginReportRow;
  readonly origin_callers: CallerRow;
  readonly origin_caller_sources: CallerSourceRow;
  readonly origin_other_callers: OtherCallerRow;
  readonly setups: SetupRow;
  readonly attestations: AttestationRow;
  readonly attestation_changes: AttestationChangeRow;
  readonly revocation_lists: RevocationListRow;
  readonly notices: NoticeRow;
  readonly notice_marks: NoticeMarkRow;
  readonly notice_channels: NoticeChannelRow;
  readonly notice_deliveries: NoticeDeliveryRow;
  readonly secrets: SecretRow;
  readonly tokens: TokenRow;
  readonly sessions: SessionRow;
  readonly revisions: RevisionRow;
  readonly audit_events: AuditEventRow;
}

/** A row without what is set once, when it comes into its zone. */
export type Unordered<Row> = Omit<Row, 'born' | 'ordinal'>;

/** Keys to drop and values to put so that one map becomes another. */
export interface RowChange<Key, Value> {
  readonly put: readonly Value[];
  readonly dropped: readonly Key[];
}

interface MetaRow {
  readonly name: string;
  readonly value: string;
}

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly created_at: number;
}

export interface ZoneRow {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly paused: Flag;
  readonly created_at: number;
  readonly modified_at: number;
  readonly ssl: string;
  readonly always_use_https: Flag;
  readonly global_pull: Flag;
  readonly zone_pull: Flag;
  readonly min_tls_version: string;
  readonly compliance: string;
  readonly authority_root: string;
  readonly authority_intermediate: string;
  /** Under which the vault keeps the keys of both. */
  readonly authority_id: string;
  readonly authority_root_key: string;
  /** PEM, or empty. */
  readonly authority_standby: string;
  readonly authority_signer: string;
  /** JSON: another pair of certificates with its id; empty where there is none. */
  readonly authority_next: string;
  readonly authority_retiring: string;
  /** JSON: what it says of looks at its locks; empty where it says nothing. */
  readonly looks: string;
  readonly born: number;
}

/** What every row has that lies in a zone. */
export interface InZone {
  readonly zone: string;
  readonly born: number;
  readonly ordinal: number;
}

export interface RecordRow extends InZone {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly ttl: number;
  readonly proxied: Flag;
  readonly https_port: number;
  readonly http_port: number;
  readonly server_name: string | null;
  readonly host_header: string | null;
  readonly http2: Flag;
  readonly origin_sent: string | null;
  readonly comment: string | null;
  readonly may_be_private: Flag;
  readonly created_at: number;
  readonly modified_at: number;
}

export interface CertificateRow extends InZone {
  readonly id: string;
  readonly level: string;
  readonly source: string;
  readonly leaf: string;
  /** What the leaf says of itself, so that a start need not read very many of them. */
  readonly fingerprint: string;
  readonly issuer: string;
  readonly serial: string;
  readonly not_before: number;
  readonly not_after: number;
  /** JSON list of PEM. */
  readonly chain: string;
  /** Empty where it is leaf and chain, one after the other. */
  readonly sent: string;
  readonly uploaded_at: number;
  readonly wish: string;
  readonly wish_at: number;
  readonly wish_revision: number;
}

export interface CertificateRequestRow extends InZone {
  readonly id: string;
  readonly level: string;
  readonly key_type: string;
  readonly spki: string;
  readonly common_name: string;
  /** JSON list. */
  readonly hostnames: string;
  readonly pem: string;
  readonly created_at: number;
}

export interface AssociationRow extends InZone {
  readonly hostname: string;
  readonly kind: string;
  readonly certificate: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly revision: number;
}

export interface TrustRow extends InZone {
  readonly id: string;
  readonly certificate: string;
  readonly sent: string;
  readonly uploaded_at: number;
}

export interface VisitorAuthoritiesRow extends InZone {
  readonly hostname: string;
  readonly name: string | null;
  /** JSON list of PEM. */
  readonly certificates: string;
  readonly created_at: number;
  readonly modified_at: number;
}

interface VisitorRow {
  readonly zone: string;
  /** JSON list of DNS names. */
  readonly names: string;
  readonly chain: string;
  readonly not_before: number;
  readonly not_after: number;
}

export interface CustomRow extends InZone {
  readonly id: string;
  readonly leaf: string;
  /** JSON list of PEM. */
  readonly chain: string;
  readonly sent: string;
  readonly bundle_method: string;
  readonly type: string;
  readonly priority: number;
  readonly uploaded_at: number;
  readonly modified_at: number;
  readonly revision: number;
}

export interface OriginRow extends InZone {
  readonly id: string;
  readonly certificate: string;
  readonly csr: string;
  /** JSON list. */
  readonly hostnames: string;
  readonly request_type: string;
  readonly requested_validity: number;
  readonly issued_at: number;
  readonly revoked_at: number | null;
}

export interface AccessRuleRow extends InZone {
  readonly id: string;
  readonly mode: string;
  readonly network: string;
  readonly notes: string;
  readonly created_at: number;
  readonly modified_at: number;
}

export interface RateLimitRow extends InZone {
  readonly id: string;
  readonly description: string;
  readonly disabled: Flag;
  /** JSON list; empty for all. */
  readonly methods: string;
  /** JSON list; empty for all. */
  readonly schemes: string;
  readonly url: string;
  readonly counted_by: string;
  readonly threshold: number;
  readonly period: number;
  readonly action: string;
  readonly timeout: number;
  readonly created_at: number;
  readonly modified_at: number;
}

export interface RotationRow {
  readonly id: string;
  readonly zone: string;
  readonly started_at: number;
  readonly born: number;
  /** JSON. */
  readonly state: string;
}

export interface RevocationRow extends InZone {
  /** Fingerprint of the CA. */
  readonly issuer: string;
  readonly serial: string;
  readonly certificate: string | null;
  readonly subject: string | null;
  readonly reason: string;
  readonly revoked_at: number;
  readonly not_after: number;
}

/** The newest list of a CA. */
interface RevocationListRow {
  /** Fingerprint of the CA. */
  readonly issuer: string;
  /** The zone it goes away with; `null` for the installation's own. */
  readonly zone: string | null;
  readonly number: number;
  readonly this_update: number;
  readonly next_update: number;
  /** What is on it, as a digest. */
  readonly entries: string;
  /** DER in base64. */
  readonly list: string;
}

export interface OpeningRow extends InZone {
  readonly hostname: string;
  readonly ends_at: number;
  readonly opened_at: number;
  readonly opened_by: string;
  readonly because: string;
}

interface ManifestRow {
  readonly zone: string;
  readonly version: number;
  /** What it says, as a digest. */
  readonly core: string;
  readonly manifest: string;
  /** PEM. */
  readonly signature: string;
  readonly expires_at: number;
}

interface SecretRow {
  readonly purpose: string;
  readonly id: string;
  /** The zone it goes away with; `null` for the installation's own. */
  readonly zone: string | null;
  readonly sealed: string;
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  /** JSON list. */
  readonly permissions: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly bootstrap: Flag;
  /** JSON: the ids of zones in a list, or `"all"`. */
  readonly zones: string;
  /** The same of accounts. */
  readonly accounts: string;
  /** JSON list of networks. */
  readonly addresses: string;
  readonly not_before: number | null;
  readonly email: string | null;
  readonly modified_at: number;
  /** Written once a minute; `null` where it never was. */
  readonly last_used_at: number | null;
}

/** What the audit log holds beside revisions: changes that edges are not told of. */
interface AuditEventRow {
  /** The revision after which it happened; `sequence` counts from 1 after each. */
  readonly revision: number;
  readonly sequence: number;
  readonly zone: string | null;
  readonly account: string | null;
  readonly at: number;
  readonly actor_token: string;
  readonly actor_from: string;
  readonly command: string;
  /** JSON: what differs, as it was. Never a key or a token. */
  readonly before: string;
  readonly after: string;
}

interface RevisionRow {
  readonly revision: number;
  readonly zone: string | null;
  /** Of the zone; it outlives both. */
  readonly account: string | null;
  readonly at: number;
  readonly actor_token: string;
  readonly actor_from: string;
  readonly command: string;
  /** JSON: what differs, as it was. Never a key. */
  readonly before: string;
  /** JSON: what differs, as it is now. Never a key. */
  readonly after: string;
}

export interface AnalyticsStepRow {
  readonly began: number;
  /** JSON. */
  readonly counts: string;
}

/** A session in the store: never its text, only its SHA-256. */
interface SessionRow {
  readonly hash: string;
  readonly token: string;
  readonly token_hash: string;
  readonly created_at: number;
  readonly expires_at: number;
}
