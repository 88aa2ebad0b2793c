import type { Account } from '../domain/account.ts';
import type { ClientCertificate, X509Facts } from '../domain/certificate.ts';
import { deploymentStatus } from '../domain/deployment.ts';
import type { Instant, Revision } from '../domain/ids.ts';
import type { DnsRecord } from '../domain/record.ts';
import type { Association, TrustedCa, Zone } from '../domain/zone.ts';
import { type FixedSettingId, fixedValue } from './fixed-settings.ts';
import { type SettingId, settingValue } from './settings.ts';
import { signatureName } from './signature-name.ts';

/** Domain values as the API shows them: Cloudflare's field names and types, and nothing secret. */

/** What a status is derived from: the newest revision in force at every edge, and the time. */
export interface Progress {
  readonly applied: Revision;
  readonly now: Instant;
}

/** An account, with what Cloudflare's clients look for in one. */
export function accountView({ id, name, type, createdAt }: Account) {
  return { id, name, type, settings: { enforce_twofactor: false }, created_on: moment(createdAt) };
}

/** A zone. It is served at once, so it is always `active`; name servers are none, because records are no DNS. */
export function zoneView(zone: Zone, account: Pick<Account, 'id' | 'name'>) {
  return {
    id: zone.id,
    name: zone.name,
    status: 'active',
    paused: zone.paused,
    type: 'full',
    development_mode: 0,
    name_servers: [],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    created_on: moment(zone.createdAt),
    modified_on: moment(zone.modifiedAt),
    activated_on: moment(zone.createdAt),
    account: { id: account.id, name: account.name },
    owner: { id: account.id, name: account.name, type: 'organization' },
    meta: ZONE_META,
    plan: ZONE_PLAN,
  };
}

const ZONE_META = {
  cdn_only: true,
  custom_certificate_quota: 0,
  dns_only: false,
  foundation_dns: false,
  page_rule_quota: 0,
  phishing_detected: false,
  step: 0,
};

const ZONE_PLAN = {
  id: 'postern',
  name: 'Postern',
  price: 0,
  currency: 'USD',
  frequency: '',
  is_subscribed: true,
  can_subscribe: false,
  externally_managed: false,
  legacy_discount: false,
  legacy_id: 'postern',
};

/** A record; `origin` is there only where it was sent, and as it was sent. */
export function recordView(record: DnsRecord) {
  const view = {
    id: record.id,
    name: record.name,
    type: record.type,
    content: record.content,
    proxiable: true,
    proxied: record.proxied,
    ttl: record.ttl,
    settings: {},
    meta: {},
    comment: record.comment,
    tags: [],
    created_on: moment(record.createdAt),
    modified_on: moment(record.modifiedAt),
  };
  return record.originSent === null ? view : { ...view, origin: sentAs(record.originSent) };
}

function sentAs(json: string): unknown {
  return JSON.parse(json);
}

export function settingView(id: SettingId, zone: Zone) {
  return { id, value: settingValue(id, zone.settings), editable: true, modified_on: moment(zone.modifiedAt) };
}

/** A setting that was given back to its default: Cloudflare shows it without a value. */
export function clearedSettingView(id: SettingId, zone: Zone) {
  return { id, editable: true, modified_on: moment(zone.modifiedAt) };
}

/** A setting that can only be what it is. */
export function fixedSettingView(id: FixedSettingId, zone: Zone) {
  return { id, ...fixedValue(id), editable: false, modified_on: moment(zone.createdAt) };
}

/** A client certificate; its key has no view. Those of the zone level echo that level's switch. */
export function certificateView(certificate: ClientCertificate, zone: Zone, { applied, now }: Progress) {
  const view = {
    id: certificate.id,
    ...certificateFacts(certificate),
    status: deploymentStatus(certificate.wish, applied, now),
    uploaded_on: moment(certificate.uploadedAt),
  };
  return certificate.level === 'zone' ? { ...view, enabled: zone.settings.zonePull } : view;
}

function certificateFacts({ leaf, sent }: ClientCertificate) {
  return {
    certificate: sent,
    expires_on: second(leaf.notAfter),
    issuer: leaf.issuer,
    serial_number: decimalSerial(leaf),
    signature: signatureName(leaf),
  };
}

/** What a hostname presents, with the facts of the certificate it names. */
export function associationView(association: Association, zone: Zone, progress: Progress) {
  const certificate = zone.certificates.get(association.certificate);
  const wish = { kind: 'deploy', at: association.updatedAt, revision: association.revision } as const;
  return {
    hostname: association.hostname,
    cert_id: association.certificate,
    enabled: association.kind === 'present',
    status: deploymentStatus(wish, progress.applied, progress.now),
    created_at: moment(association.createdAt),
    updated_at: moment(association.updatedAt),
    ...(certificate === undefined ? {} : associatedCertificate(certificate, progress)),
  };
}

function associatedCertificate(certificate: ClientCertificate, { applied, now }: Progress) {
  return {
    ...certificateFacts(certificate),
    cert_status: deploymentStatus(certificate.wish, applied, now),
    cert_uploaded_on: moment(certificate.uploadedAt),
    cert_updated_at: moment(certificate.wish.at),
  };
}

/** A CA that this zone's origins are verified against. */
export function trustedCaView(ca: TrustedCa, now: Instant) {
  return {
    id: ca.id,
    certificate: ca.sent,
    expires_on: second(ca.certificate.notAfter),
    issuer: ca.certificate.issuer,
    signature: signatureName(ca.certificate),
    status: now > ca.certificate.notAfter ? 'expired' : 'active',
    updated_at: moment(ca.uploadedAt),
    uploaded_on: moment(ca.uploadedAt),
  };
}

/** RFC 3339 with milliseconds. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}

/** RFC 3339 without a fraction, as certificates' own times are whole seconds. */
export function second(at: Instant): string {
  return moment(at).replace(/\.\d+Z$/, 'Z');
}

/** A serial number as Cloudflare's API writes it. */
export function decimalSerial({ serial }: X509Facts): string {
  return BigInt(`0x${serial}`).toString();
}
