import { z } from 'zod';
import { ID, TIME } from './answer-fields.ts';

/** Tokens as they are shown: on Postern's own paths, and on Cloudflare's. */

const NAME = z.string().meta({ examples: ['dns'] });

export const TOKEN = z
  .strictObject({
    id: ID,
    name: NAME,
    kind: z.enum(['token', 'bootstrap', 'legacy']).meta({ description: 'legacy counts only with its e-mail address.' }),
    email: z.string().nullable(),
    status: z.enum(['active', 'not_yet_valid', 'expired']),
    permissions: z.array(z.string()).meta({ description: '* stands for all.', examples: [['dns:edit']] }),
    zones: z.union([z.literal('all'), z.array(ID)]),
    accounts: z.union([z.literal('all'), z.array(ID)]),
    addresses: z
      .array(z.string())
      .meta({ description: 'From where it may call; none stand for everywhere.', examples: [['192.0.2.0/24']] }),
    not_before: TIME.nullable(),
    expires_on: TIME.nullable(),
    created_on: TIME,
    modified_on: TIME,
    last_used_on: TIME.nullable().meta({
      description: 'When it made its last call, also in a session; null where it made none. Not part of the ETag.',
    }),
  })
  .meta({ id: 'Token', description: 'What a token may do. Its text is shown once, when it is made.' });

export const TOKEN_TEXT = z.string().meta({ description: 'The text of the token, shown this once.' });

export const TOKEN_WITH_TEXT = z
  .strictObject({ ...TOKEN.shape, token: TOKEN_TEXT })
  .meta({ id: 'TokenWithText', description: 'A token that was made or made anew, with its text.' });

export const VERIFIED_TOKEN = z
  .strictObject({ id: ID, status: z.literal('active'), not_before: TIME, expires_on: TIME.optional() })
  .meta({ id: 'VerifiedToken', description: 'The token that makes the call.' });

const POLICY = z.strictObject({
  id: ID,
  effect: z.literal('allow'),
  permission_groups: z.array(z.strictObject({ id: ID, name: z.string().meta({ examples: ['DNS Write'] }) })),
  resources: z
    .record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]))
    .meta({ examples: [{ 'com.cloudflare.api.account.zone.5f0c2a7e9b1d4c38a6e0d17f42b95c83': '*' }] }),
});

export const USER_TOKEN = z
  .strictObject({
    id: ID,
    name: NAME,
    status: z.enum(['active', 'expired']),
    issued_on: TIME,
    modified_on: TIME,
    not_before: TIME.optional(),
    expires_on: TIME.optional(),
    last_used_on: TIME.optional().meta({ description: 'When it made its last call; left out where it made none.' }),
    policies: z.array(POLICY),
    condition: z.strictObject({ request_ip: z.strictObject({ in: z.array(z.string()) }) }).optional(),
  })
  .meta({ id: 'UserToken', description: "A token in Cloudflare's form: what is allowed on which resources." });

export const USER_TOKEN_WITH_TEXT = z
  .strictObject({ ...USER_TOKEN.shape, value: TOKEN_TEXT })
  .meta({ id: 'UserTokenWithText', description: 'A token that was made, with its text.' });

export const PERMISSION_GROUP = z
  .strictObject({ id: ID, name: z.string().meta({ examples: ['DNS Write'] }), scopes: z.array(z.string()) })
  .meta({ id: 'PermissionGroup', description: "A permission as Cloudflare's API names it." });
