import { z } from 'zod';
import { list, MOMENT, NAME, oneOf } from '../../wire/schemas.ts';
import { PERMISSIONS } from './permissions.ts';

const ENTRIES = z
  .array(NAME, { error: 'must be an array of texts' })
  .max(100, { error: 'must have at most 100 entries' });

const ZONES = z.union([z.literal('all'), ENTRIES], { error: 'must be "all" or an array of zone ids or names' });

const ACCOUNTS = z.union([z.literal('all'), ENTRIES], { error: 'must be "all" or an array of account ids or names' });

const PERMISSION_LIST = list(oneOf(['*', ...PERMISSIONS]), `of ${PERMISSIONS.join(', ')}`, 50);

const EMAIL = z.email({ error: 'must be an e-mail address' }).max(254, { error: 'must have at most 254 characters' });

const ADDRESSES = z
  .array(NAME, { error: 'must be an array of networks such as 192.0.2.0/24 or 2001:db8::/32' })
  .max(100, { error: 'must have at most 100 entries' });

/** A new token. What it may touch is never assumed: permissions and zones must be said. */
export const TOKEN_DRAFT = z.strictObject({
  name: NAME.meta({ examples: ['dns'] }),
  permissions: PERMISSION_LIST.meta({ examples: [['dns:edit']] }),
  zones: ZONES,
  accounts: ACCOUNTS.optional(),
  addresses: ADDRESSES.default([]),
  not_before: MOMENT.nullable().default(null),
  expires_on: MOMENT.nullable().default(null),
  email: EMAIL.nullable().default(null),
});

export type TokenBody = z.output<typeof TOKEN_DRAFT>;

export const TOKEN_EDIT = z.strictObject({
  name: NAME.optional().meta({ examples: ['dns'] }),
  permissions: PERMISSION_LIST.optional(),
  zones: ZONES.optional(),
  accounts: ACCOUNTS.optional(),
  addresses: ADDRESSES.optional(),
  not_before: MOMENT.nullable().optional(),
  expires_on: MOMENT.nullable().optional(),
});

export type TokenEdit = z.output<typeof TOKEN_EDIT>;

const TOKEN_ID = z.string().meta({ description: 'The id of a token.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] });

export const TOKEN_PARAMS = z.object({ id: TOKEN_ID });

/** Cloudflare's form: what is allowed on which resources. */
const POLICY = z.object({
  effect: oneOf(['allow', 'deny']).default('allow'),
  permission_groups: list(
    z.object({ id: NAME.meta({ examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] }) }),
    '[{"id": …}]',
    50,
  ),
  resources: z
    .record(NAME, z.union([z.string(), z.record(NAME, z.string())]))
    .meta({ examples: [{ 'com.cloudflare.api.account.zone.*': '*' }] }),
});

const NETWORKS = ADDRESSES.optional();

export const CLOUDFLARE_TOKEN = z.object({
  name: NAME.meta({ examples: ['dns'] }),
  policies: list(POLICY, '[{"effect", "permission_groups", "resources"}]', 50),
  condition: z.object({ request_ip: z.object({ in: NETWORKS, not_in: NETWORKS }).optional() }).nullish(),
  not_before: MOMENT.nullish(),
  expires_on: MOMENT.nullish(),
  status: oneOf(['active', 'disabled']).optional(),
});

export type CloudflareToken = z.output<typeof CLOUDFLARE_TOKEN>;
export type Policy = CloudflareToken['policies'][number];
