import { z } from 'zod';
import { ACCOUNT_TYPES, type Account } from '../domain/account.ts';
import type { Instant, Revision } from '../domain/ids.ts';
import { type DnsRecord, RECORD_TYPES } from '../domain/record.ts';
import type { Zone } from '../domain/zone.ts';
import { HOST, ID, TIME, type View } from './answer-fields.ts';
import { ORIGIN, type OriginBody } from './schemas-records.ts';
import { SETTING_IDS, type SettingId, settingValue } from './settings.ts';

/**
 * Domain values as the API shows them: Cloudflare's field names and types, and nothing secret. Each has a schema, which
 * describes it, and a function, which makes it.
 */

/** What a status is derived from: the newest revision in force at every edge, and the time. */
export interface Progress {
  readonly applied: Revision;
  readonly now: Instant;
}

const ACCOUNT_NAME = z.string().meta({ examples: ['Postern'] });

export const ACCOUNT = z
  .strictObject({
    id: ID,
    name: ACCOUNT_NAME,
    type: z.enum(ACCOUNT_TYPES),
    settings: z.strictObject({ enforce_twofactor: z.literal(false) }),
    created_on: TIME,
  })
  .meta({ id: 'Account', description: 'Whom zones belong to.' });

/** An account, with what Cloudflare's clients look for in one. */
export function accountView({ id, name, type, createdAt }: Account): View<typeof ACCOUNT> {
  return { id, name, type, settings: { enforce_twofactor: false }, created_on: moment(createdAt) };
}

export const ZONE = z
  .strictObject({
    id: ID,
    name: HOST.meta({ examples: ['example.test'] }),
    status: z.literal('active').meta({ description: 'A zone is served at once.' }),
    paused: z.boolean().meta({ description: 'Whether the edge serves none of its names.', examples: [false] }),
    type: z.literal('full'),
    development_mode: z.literal(0),
    name_servers: z.array(z.string()).meta({ description: 'None: records are no DNS.', examples: [[]] }),
    original_name_servers: z.null(),
    original_registrar: z.null(),
    original_dnshost: z.null(),
    created_on: TIME,
    modified_on: TIME,
    activated_on: TIME,
    account: z.strictObject({ id: ID, name: ACCOUNT_NAME }),
    owner: z.strictObject({ id: ID, name: ACCOUNT_NAME, type: z.literal('organization') }),
    meta: z.strictObject({
      cdn_only: z.boolean(),
      custom_certificate_quota: z.int(),
      dns_only: z.boolean(),
      foundation_dns: z.boolean(),
      page_rule_quota: z.int(),
      phishing_detected: z.boolean(),
      step: z.int(),
    }),
    plan: z.strictObject({
      id: z.string(),
      name: z.string(),
      price: z.number(),
      currency: z.string(),
      frequency: z.string(),
      is_subscribed: z.boolean(),
      can_subscribe: z.boolean(),
      externally_managed: z.boolean(),
      legacy_discount: z.boolean(),
      legacy_id: z.string(),
    }),
  })
  .meta({
    id: 'Zone',
    description: 'A domain and everything below it. Its meta and plan only say what clients of Cloudflare ask for.',
  });

/** A zone. It is served at once, so it is always `active`; name servers are none, because records are no DNS. */
export function zoneView(zone: Zone, account: Pick<Account, 'id' | 'name'>): View<typeof ZONE> {
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

export const RECORD = z
  .strictObject({
    id: ID,
    name: HOST,
    type: z.enum(RECORD_TYPES),
    content: z.string().meta({
      description: 'The address of the origin, or for CNAME its name.',
      examples: ['192.0.2.1'],
    }),
    proxiable: z.literal(true),
    proxied: z.boolean().meta({ description: 'Whether the edge serves the name.', examples: [true] }),
    ttl: z.int().meta({ description: 'Seconds; 1 is automatic.', examples: [1] }),
    settings: z.strictObject({}),
    meta: z.strictObject({
      may_be_private: z.literal(true).optional().meta({
        description: 'There where a token with origins:private named the origin: it may be a private address.',
      }),
    }),
    comment: z.string().nullable(),
    tags: z.array(z.string()).meta({ examples: [[]] }),
    created_on: TIME,
    modified_on: TIME,
    origin: z.strictObject(ORIGIN.shape).optional().meta({ description: 'Only where it was sent, as it was sent.' }),
  })
  .meta({
    id: 'Record',
    description: 'Where the edge finds the origin of a name. A row of its routing table, not DNS.',
  });

/** A record; `origin` is there only where it was sent, and as it was sent. */
export function recordView(record: DnsRecord): View<typeof RECORD> {
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    content: record.content,
    proxiable: true,
    proxied: record.proxied,
    ttl: record.ttl,
    settings: {},
    meta: record.mayBePrivate ? { may_be_private: true } : {},
    comment: record.comment,
    tags: [],
    created_on: moment(record.createdAt),
    modified_on: moment(record.modifiedAt),
    ...(record.originSent === null ? {} : { origin: sentAs(record.originSent) }),
  };
}

function sentAs(json: string): OriginBody {
  return JSON.parse(json);
}

export const SETTING_VALUE = z.union([z.string(), z.array(z.string())]);

export const SETTING = z
  .strictObject({
    id: z.enum(SETTING_IDS),
    value: SETTING_VALUE.meta({ description: 'One of the values that the setting allows.', examples: ['on'] }),
    editable: z.literal(true),
    modified_on: TIME,
  })
  .meta({ id: 'Setting', description: 'A setting of a zone.' });

export function settingView(id: SettingId, zone: Zone): View<typeof SETTING> {
  return { id, value: settingValue(id, zone.settings), editable: true, modified_on: moment(zone.modifiedAt) };
}

export const CLEARED_SETTING = SETTING.omit({ value: true }).meta({
  id: 'ClearedSetting',
  description: 'A setting that was given back to its default: Cloudflare shows it without a value.',
});

export function clearedSettingView(id: SettingId, zone: Zone): View<typeof CLEARED_SETTING> {
  return { id, editable: true, modified_on: moment(zone.modifiedAt) };
}

/** RFC 3339 with milliseconds. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}

/** RFC 3339 without a fraction, as certificates' own times are whole seconds. */
export function second(at: Instant): string {
  return moment(at).replace(/\.\d+Z$/, 'Z');
}
