/** Zones to hold the rules against: readable values, certificates that nobody signed, and a world that is a list. */

import type { ClientCertificate, Identity, X509Facts } from './certificate.ts';
import type { AssociationWish, CertificateDraft } from './certificate-changes.ts';
import type { CertificateRequest } from './certificate-request.ts';
import { type Command, change } from './change.ts';
import type { Circumstances, Holder } from './circumstances.ts';
import { compile } from './compile.ts';
import type { CustomCertificateDraft } from './custom-certificate-changes.ts';
import type { EdgeConfig } from './edge-zone.ts';
import {
  accountId,
  certificateId,
  fingerprint,
  type Hostname,
  hostnamePattern,
  type Instant,
  instant,
  isWithin,
  recordId,
  revision,
  rotationId,
  ruleId,
  zoneId,
} from './ids.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { NEW_LOOK_SETTINGS } from './look-settings.ts';
import type { OriginCertificate } from './origin-certificate.ts';
import { DEFAULT_ORIGIN, type OriginOptions } from './record.ts';
import type { Problem } from './problems.ts';
import type { RecordDraft } from './record-changes.ts';
import type { RotationDraft } from './rotation-changes.ts';
import { USUAL_PACE } from './rotation-pace.ts';
import { NEW_ZONE_SETTINGS, type ZoneSettings } from './settings.ts';
import { urlPattern } from './url-pattern.ts';
import type { TrustedCa, Zone, ZoneAuthority } from './zone.ts';

export const NOW = instant(Date.UTC(2030, 0, 1));
export const DAY = 86_400_000;

/** So many milliseconds after NOW. */
export function later(milliseconds: number): Instant {
  return instant(NOW + milliseconds);
}

export const OURS = sure(accountId(hex('our account', 32)));
export const THEIRS = sure(accountId(hex('their account', 32)));

/** A hostname or wildcard. */
export function host(text: string): Hostname {
  return sure(hostnamePattern(text));
}

/** The id of the record, certificate or zone that these tests call so. */
export const idOf = {
  record: (tag: string) => sure(recordId(hex(tag, 32))),
  zone: (tag: string) => sure(zoneId(hex(tag, 32))),
  rule: (tag: string) => sure(ruleId(hex(tag, 32))),
  rotation: (tag: string) => sure(rotationId(hex(tag, 32))),
  certificate: (tag: string) => {
    const digits = hex(tag, 32);
    const parts = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20)];
    return sure(certificateId(`${parts.join('-')}-${digits.slice(20)}`));
  },
};

/** What a certificate of this name would say of itself; valid for ten days around NOW. */
export function facts(tag: string, over: Partial<X509Facts> = {}): X509Facts {
  return {
    fingerprint: sure(fingerprint(hex(tag, 64))),
    subject: `CN=${tag}`,
    issuer: 'CN=issuer',
    serial: hex(tag, 16),
    notBefore: later(-5 * DAY),
    notAfter: later(5 * DAY),
    isCa: false,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    dnsNames: [],
    uris: [],
    keyType: 'ec:P-256',
    spki: hex(`key of ${tag}`, 64),
    pem: `PEM of ${tag}\n`,
    ...over,
  };
}

/** What a root of this name would say of itself, or with another issuer an intermediate. */
export function ca(tag: string, issuer = tag): X509Facts {
  const usage = { keyUsage: ['keyCertSign', 'cRLSign'], extendedKeyUsage: null };
  return facts(tag, { ...usage, isCa: true, issuer: `CN=${issuer}` });
}

/** The identity that all zones share. */
export const SHARED: Identity = {
  certificate: idOf.certificate('shared'),
  fingerprint: facts('shared').fingerprint,
  notAfter: facts('shared').notAfter,
};

/** A certificate as it comes in; its id goes by the tag unless another is given. */
export function draft(tag: string, over: Partial<CertificateDraft> = {}): CertificateDraft {
  const leaf = facts(tag);
  return {
    id: idOf.certificate(tag),
    level: 'zone',
    source: 'uploaded',
    leaf,
    chain: [],
    sent: leaf.pem,
    ...over,
  };
}

/** A server certificate for visitors of example.test as it comes in; names the whole zone unless told otherwise. */
export function customDraft(tag: string, over: Partial<CustomCertificateDraft> = {}): CustomCertificateDraft {
  const leaf = facts(tag, { extendedKeyUsage: ['serverAuth'], dnsNames: ['example.test', '*.example.test'] });
  const rest = { bundleMethod: 'ubiquitous', type: 'sni_custom' } as const;
  return { id: idOf.certificate(tag), leaf, chain: [], sent: leaf.pem, ...rest, ...over };
}

/** A certificate of the Origin CA for example.test. */
export function originCertificate(tag: string, over: Partial<OriginCertificate> = {}): OriginCertificate {
  const certificate = facts(tag, { extendedKeyUsage: ['serverAuth'], dnsNames: ['example.test'] });
  const asked = { csr: `CSR of ${tag}`, requestType: 'origin-ecc', requestedValidity: 5475 } as const;
  return { id: tag, certificate, hostnames: [host('example.test')], ...asked, issuedAt: NOW, revokedAt: null, ...over };
}

/** A rotation of example.test as it begins: the managed certificate is to be followed by another one. */
export function rotationDraft(tag: string, over: Partial<RotationDraft> = {}): RotationDraft {
  return {
    id: idOf.rotation(tag),
    what: 'root',
    cause: 'asked',
    rehearsal: false,
    revokeFirst: false,
    pace: USUAL_PACE,
    because: 'a test',
    by: 'tester',
    successors: [{ from: MANAGED.id, draft: draft(`${tag} leaf`, { source: 'managed' }) }],
    authority: {
      id: tag,
      root: ca(`${tag} root`),
      intermediate: ca(`${tag} intermediate`, `${tag} root`),
      rootKey: 'here',
    },
    ...over,
  };
}

/** The authority that example.test is born with. */
export function authority(): ZoneAuthority {
  const cas = { root: ca('root'), intermediate: ca('intermediate', 'root') };
  return { id: 'first', ...cas, rootKey: 'here', next: null, retiring: null, standby: null, signer: null };
}

/** A certificate that this authority made for www.example.test. */
export function issuedDraft(tag: string, by: ZoneAuthority = authority()): CertificateDraft {
  const leaf = facts(tag, { issuer: by.intermediate.subject, dnsNames: ['www.example.test'] });
  return draft(tag, { level: 'hostname', source: 'managed', leaf, chain: [by.intermediate] });
}

/** A request that waits for its certificate. */
export function certificateRequest(tag: string): CertificateRequest {
  const { spki, keyType, pem } = facts(tag);
  const asked = { level: 'hostname', commonName: tag, hostnames: [host('www.example.test')] } as const;
  return { id: idOf.certificate(tag), ...asked, spki, keyType, pem, createdAt: NOW };
}

/** The managed certificate that every zone is born with. */
export const MANAGED: ClientCertificate = {
  ...draft('managed', { source: 'managed' }),
  sent: null,
  uploadedAt: NOW,
  wish: { kind: 'deploy', at: NOW, revision: revision(1) },
};

/** example.test with a managed certificate and nothing else. */
export function newZone(over: Partial<Zone> = {}): Zone {
  return {
    id: idOf.zone('example'),
    account: OURS,
    name: host('example.test'),
    paused: false,
    createdAt: NOW,
    modifiedAt: NOW,
    settings: NEW_ZONE_SETTINGS,
    authority: authority(),
    records: new Map(),
    certificates: new Map([[MANAGED.id, MANAGED]]),
    certificateRequests: new Map(),
    associations: new Map(),
    trustStore: new Map(),
    visitorAuthorities: new Map(),
    customCertificates: new Map(),
    originCertificates: new Map(),
    accessRules: new Map(),
    rateLimits: new Map(),
    openings: new Map(),
    looks: NEW_LOOK_SETTINGS,
    rotation: null,
    revocations: new Map(),
    ...over,
  };
}

/** The world outside a zone: everything applied, and these other zones. */
export function world(over: Partial<Circumstances> = {}, holders: readonly Holder[] = []): Circumstances {
  return {
    now: NOW,
    revision: revision(10),
    applied: revision(9),
    limits: DEFAULT_LIMITS,
    holder: (name) => nearest(holders, name),
    inhabited: () => false,
    below: (name) => holders.filter((holder) => holder.name !== name && isWithin(holder.name, name)),
    ...over,
  };
}

/** Another zone, as `Circumstances` tell of it. */
export function holder(name: string, over: Partial<Holder> = {}): Holder {
  return { zone: idOf.zone(name.split('.')[0] ?? ''), name: host(name), account: OURS, globalPull: false, ...over };
}

/** The zone after these commands, each with a revision of its own and in force at once. Throws at the first problem. */
export function after(zone: Zone, ...commands: readonly Command[]): Zone {
  return commands.reduce((before, command, index) => {
    const circumstances = world({ revision: revision(10 + index), applied: revision(9 + index) });
    const changed = change(before, command, circumstances);
    if (changed.kind === 'problem' || changed.zone === null) throw new Error(`${command.kind}: ${reason(changed)}`);
    return changed.zone;
  }, zone);
}

/** A proxied record. */
export function recordDraft(name: string, over: Partial<RecordDraft> = {}): RecordDraft {
  return {
    name: host(name),
    type: 'A',
    content: '192.0.2.1',
    ttl: 1,
    proxied: true,
    origin: DEFAULT_ORIGIN,
    originSent: null,
    comment: null,
    ...over,
  };
}

/** Origin options that differ from the usual ones in these fields. */
export function origin(over: Partial<OriginOptions>): OriginOptions {
  return { ...DEFAULT_ORIGIN, ...over };
}

/** The commands that tests need all the time, short. */
export const to = {
  serve: (name: string, over: Partial<RecordDraft> = {}, id = name): Command => ({
    kind: 'create_record',
    id: idOf.record(id),
    draft: recordDraft(name, over),
  }),
  set: (settings: Partial<ZoneSettings>): Command => ({ kind: 'set', settings }),
  upload: (tag: string, over: Partial<CertificateDraft> = {}): Command => ({
    kind: 'add_certificate',
    draft: draft(tag, over),
  }),
  drop: (tag: string, level: ClientCertificate['level'] = 'zone'): Command => ({
    kind: 'delete_certificate',
    level,
    id: idOf.certificate(tag),
  }),
  associate: (...wishes: readonly AssociationWish[]): Command => ({ kind: 'associate', wishes }),
  custom: (tag: string, over: Partial<CustomCertificateDraft> = {}): Command => ({
    kind: 'add_custom_certificate',
    draft: customDraft(tag, over),
  }),
  trust: (tag: string): Command => ({ kind: 'trust_ca', ca: trustedCa(tag) }),
  block: (network: string): Command => ({
    kind: 'put_access_rule',
    id: idOf.rule(network),
    draft: { mode: 'block', network, notes: '' },
  }),
  limit: (url: string): Command => ({
    kind: 'put_rate_limit',
    id: idOf.rule(url),
    draft: {
      description: '',
      disabled: false,
      match: { methods: [], schemes: [], url, pattern: sure(urlPattern(url)) },
      key: 'address',
      threshold: 5,
      period: 60,
      action: 'ban',
      timeout: 60,
    },
  }),
  ask: (name: string, ...tags: readonly string[]): Command => ({
    kind: 'require_visitors',
    draft: { hostname: host(name), name: null, certificates: tags.map((tag) => ca(tag)) },
  }),
  askNothing: (name: string): Command => ({ kind: 'drop_visitor_authorities', hostname: host(name) }),
  distrust: (tag: string): Command => ({ kind: 'distrust_ca', id: idOf.certificate(tag) }),
};

/** What an owner wants for a hostname. */
export function wish(name: string, tag: string, kind: AssociationWish['wish'] = 'present'): AssociationWish {
  return { hostname: host(name), certificate: idOf.certificate(tag), wish: kind };
}

/** A CA for the trust store. */
export function trustedCa(tag: string): TrustedCa {
  return { id: idOf.certificate(tag), certificate: ca(tag), sent: ca(tag).pem, uploadedAt: NOW };
}

/** An edge that serves these zones and holds all of their keys and the shared one. */
export function edgeFor(...zones: readonly Zone[]): EdgeConfig {
  const compiled = zones.map((zone) => compile(zone, SHARED));
  return {
    revision: revision(1),
    zones: new Map(compiled.map(({ rules }) => [rules.id, rules])),
    hosts: new Map(
      compiled.flatMap(({ rules, hosts }) =>
        [...hosts].map(([name, entry]) => [name, { zone: rules.id, host: entry }]),
      ),
    ),
    keys: new Set([SHARED.certificate, ...zones.flatMap(({ certificates }) => [...certificates.keys()])]),
    asked: () => null,
  };
}

/** The value, with an exception waiting for whoever changes anything in it. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuseChange });
    for (const entry of value.values()) frozen(entry);
  }
  Object.freeze(value);
  for (const member of Object.values(value)) frozen(member);
  return value;
}

function refuseChange(): never {
  throw new TypeError('a rule changed its input');
}

function nearest(holders: readonly Holder[], name: Hostname): Holder | null {
  const above = holders.filter((holder) => isWithin(name, holder.name));
  return above.toSorted((a, b) => b.name.length - a.name.length)[0] ?? null;
}

// FNV-1a, continued until there are digits enough: the tags of a test do not collide.
function hex(tag: string, digits: number): string {
  let state = 0x811c9dc5;
  let text = '';
  for (let round = 0; text.length < digits; round++) {
    for (const letter of `${round} ${tag}`) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** What stands in the way of a change that must not happen. */
export function refused(zone: Zone, command: Command, circumstances = world()): Problem {
  const outcome = change(frozen(zone), command, circumstances);
  if (outcome.kind === 'problem') return outcome;
  throw new Error(`${command.kind} was allowed`);
}

function reason(changed: { readonly kind: string; readonly code?: string; readonly detail?: string }): string {
  return `${changed.code ?? 'no zone'} ${changed.detail ?? ''}`;
}

function sure<T>(value: T | null): T {
  if (value === null) throw new Error('a test named something that does not exist');
  return value;
}
