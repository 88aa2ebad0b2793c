import { isIPv4, isIPv6 } from 'node:net';
import type { AssociationWish } from '../domain/certificate-changes.ts';
import type { Command } from '../domain/change.ts';
import { certificateId, type Hostname } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import {
  DEFAULT_ORIGIN,
  type DnsRecord,
  type OriginOptions,
  type RecordType,
  withEffectiveTtl,
} from '../domain/record.ts';
import type { RecordDraft } from '../domain/record-changes.ts';
import type { ZoneSettings } from '../domain/settings.ts';
import { shown } from './faults.ts';
import { recordName, typedHostname, typedPattern } from './names.ts';
import type { AssociationsBody } from './schemas-certificates.ts';
import type { OriginBody, RecordBody } from './schemas-records.ts';
import type { SettingsBody } from './schemas-settings.ts';
import { settingChange, settingId } from './settings.ts';

/** A problem, or something else: what a parser gives. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'problem';
}

const NEW_RECORD = {
  ttl: 1,
  proxied: false,
  comment: null,
  origin: DEFAULT_ORIGIN,
  originSent: null,
} as const satisfies Partial<RecordDraft>;

/**
 * A record's body over what the record was; `null` stands for a new one, and for PUT, which replaces everything.
 * The content is judged by the type that results, whichever of both was sent.
 */
export function recordDraft(body: RecordBody, zone: Hostname, was: DnsRecord | null): RecordDraft | Problem {
  const name = body.name === undefined ? was?.name : recordName(body.name, zone);
  if (name === null || name === undefined) return unfit('name', body.name, 'must be a hostname, or @ for the zone');
  const type = body.type ?? was?.type;
  if (type === undefined) return unfit('type', body.type, 'must be one of A, AAAA, CNAME');
  const text = body.content ?? was?.content;
  const content = text === undefined ? null : recordContent(type, text, zone);
  if (content === null) return unfit('content', text, `${CONTENT_RULES[type]} because the type is ${type}`);
  const rest = was ?? NEW_RECORD;
  return withEffectiveTtl({
    name,
    type,
    content,
    ttl: body.ttl ?? rest.ttl,
    proxied: body.proxied ?? rest.proxied,
    comment: body.comment === undefined ? rest.comment : body.comment || null,
    ...(body.origin === undefined ? keptOrigin(rest) : originOptions(body.origin)),
  });
}

/**
 * Of a PATCH only what was sent, in its one spelling: two calls that change different fields at the same time must not
 * undo each other. `draft` is what `recordDraft` made of it.
 */
export function recordEdit(body: RecordBody, draft: RecordDraft): Partial<RecordDraft> {
  const { name, type, content, ttl, proxied, comment } = draft;
  return {
    ...(body.name === undefined ? {} : { name }),
    ...(body.type === undefined ? {} : { type }),
    ...(body.content === undefined ? {} : { content }),
    ...(body.ttl === undefined ? {} : { ttl }),
    ...(body.proxied === undefined ? {} : { proxied }),
    ...(body.comment === undefined ? {} : { comment }),
    ...(body.origin === undefined ? {} : keptOrigin(draft)),
  };
}

const CONTENT_RULES: Readonly<Record<RecordType, string>> = {
  A: 'must be an IPv4 address such as 192.0.2.1',
  AAAA: 'must be an IPv6 address such as 2001:db8::1',
  CNAME: 'must be a hostname',
};

/** The content in its one spelling, or `null` where the type does not allow it. */
function recordContent(type: RecordType, text: string, zone: Hostname): string | null {
  switch (type) {
    case 'A':
      return isIPv4(text) ? text : null;
    case 'AAAA':
      // A zone index (`%eth0`) names an interface of whoever reads it. The URL parser writes RFC 5952's form.
      return isIPv6(text) && !text.includes('%') ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : null;
    case 'CNAME':
      return text === '@' ? zone : typedHostname(text);
  }
}

function originOptions(body: OriginBody | null): Pick<RecordDraft, 'origin' | 'originSent'> {
  if (body === null) return { origin: DEFAULT_ORIGIN, originSent: null };
  const origin: OriginOptions = {
    httpsPort: body.https_port ?? DEFAULT_ORIGIN.httpsPort,
    httpPort: body.http_port ?? DEFAULT_ORIGIN.httpPort,
    serverName: body.server_name ? typedHostname(body.server_name) : null,
    hostHeader: body.host_header ?? null,
    http2: body.http2 ?? DEFAULT_ORIGIN.http2,
  };
  return { origin, originSent: JSON.stringify(body) };
}

function keptOrigin({ origin, originSent }: Pick<RecordDraft, 'origin' | 'originSent'>) {
  return { origin, originSent };
}

function unfit(field: string, value: unknown, rule: string): Problem {
  return problem('bad_record', `${field} is ${shown(value)}, ${rule}`, `/${field}`);
}

/** Several settings as one change; the first bad one refuses them all. */
export function settingsChange(body: SettingsBody): Partial<ZoneSettings> | Problem {
  const items = Array.isArray(body) ? body : body.items;
  const base = Array.isArray(body) ? '' : '/items';
  let change: Partial<ZoneSettings> = {};
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const id = settingId(item.id, `${base}/${index}/id`);
    if (isProblem(id)) return id;
    if (seen.has(id)) return problem('bad_body', `${id} is named twice, must be named once`, `${base}/${index}/id`);
    seen.add(id);
    const one = settingChange(id, item.value, `${base}/${index}/value`);
    if (isProblem(one)) return one;
    change = { ...change, ...one };
  }
  return change;
}

/** The ids that a bulk body names, in its order. */
export function settingsNamed(body: SettingsBody): readonly string[] {
  return (Array.isArray(body) ? body : body.items).map(({ id }) => id);
}

/** The wishes of a bulk association, or the first fault in it. */
export function associations({ config }: AssociationsBody): Extract<Command, { kind: 'associate' }> | Problem {
  const wishes: AssociationWish[] = [];
  const seen = new Set<Hostname>();
  for (const [index, entry] of config.entries()) {
    const wish = associationWish(entry, `/config/${index}`);
    if (isProblem(wish)) return wish;
    if (seen.has(wish.hostname)) {
      return problem('bad_body', `${wish.hostname} is named twice, must be named once`, `/config/${index}/hostname`);
    }
    seen.add(wish.hostname);
    wishes.push(wish);
  }
  return { kind: 'associate', wishes };
}

function associationWish(entry: AssociationsBody['config'][number], at: string): AssociationWish | Problem {
  const hostname = typedPattern(entry.hostname);
  if (hostname === null) {
    return problem('bad_body', `hostname is ${shown(entry.hostname)}, must be a hostname`, `${at}/hostname`);
  }
  if (!entry.cert_id) return problem('certificate_id_required', `for ${hostname}`, `${at}/cert_id`);
  const certificate = certificateId(entry.cert_id.toLowerCase());
  if (certificate === null) return problem('invalid_certificate_id', shown(entry.cert_id), `${at}/cert_id`);
  return { hostname, certificate, wish: WISHES[String(entry.enabled)] ?? 'void' };
}

const WISHES: Readonly<Record<string, AssociationWish['wish']>> = { true: 'present', false: 'veto', null: 'void' };
