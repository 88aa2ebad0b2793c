import { z } from 'zod';
import { isVisible } from './visible.ts';

/** What a body or query may say, shared by several resources. Each `error` completes "must be …". */

/** A text of limited length. `refine`, because zod's own `max` also looks at the `length` of what is no text. */
function limited(maximum: number) {
  return z
    .string({ error: 'must be a text' })
    .refine((value) => value.length <= maximum, { error: `must have at most ${maximum} characters` })
    .meta({ maxLength: maximum });
}

/** One line of limited length: it is printed on terminals, also on those of people who may do more. */
export function text(maximum: number) {
  return limited(maximum)
    .refine(isVisible, { error: 'must be one line, without control characters' })
    .meta({ maxLength: maximum });
}

const SOMETHING = { error: 'must not be empty' };

export const NAME = text(255)
  .refine((value) => value.trim() !== '', SOMETHING)
  .meta({ minLength: 1 });
export const PEM = limited(262_144)
  .refine((value) => value !== '', SOMETHING)
  .meta({ minLength: 1 });

/** Certificates and keys as they are sent. */
export const CERTIFICATE = PEM.meta({
  description: 'PEM; the leaf first, then its issuers.',
  examples: ['-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n'],
});
export const KEY = PEM.meta({
  description: 'PEM, unencrypted. Never answered.',
  examples: ['the PKCS #8 key in PEM, with its line ends'],
});

/** An array of limited length, with what it is to hold in words. */
export function list<Item extends z.ZodType>(item: Item, words: string, maximum: number) {
  return z
    .array(item, { error: `must be an array ${words}` })
    .refine((items) => items.length > 0, { error: 'must not be empty' })
    .refine((items) => items.length <= maximum, { error: `must have at most ${maximum} entries` })
    .meta({ minItems: 1, maxItems: maximum });
}

/** Why something is done, for those who come later. */
export const REASON = text(500)
  .refine((value) => value.trim() !== '', { error: 'must say why' })
  .meta({ minLength: 1 });

/** RFC 3339, as milliseconds since the epoch. */
export const MOMENT = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2031-01-31T12:00:00Z' })
  .transform((value) => Date.parse(value));

/** An array that may be empty. */
export function few<Item extends z.ZodType>(item: Item, maximum: number) {
  return z
    .array(item, { error: 'must be an array' })
    .refine((items) => items.length <= maximum, { error: `must have at most ${maximum} entries` })
    .meta({ maxItems: maximum });
}

export const FLAG = z.boolean({ error: 'must be true or false' });

/** A whole number in a body. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

/** One of a few words, in a body or a query. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** A whole number in a query, with what holds when it is left out. In the description it is the number that it is read as. */
export function count(minimum: number, maximum: number, otherwise: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string({ error })
    .regex(/^\d{1,10}$/, { error })
    .transform(Number)
    .pipe(z.int().min(minimum, { error }).max(maximum, { error }))
    .default(otherwise)
    .meta({ input: { type: 'integer', minimum, maximum, default: otherwise } });
}

/** A text in a query, given once. */
export const FILTER = z
  .string({ error: 'must be given once' })
  .refine((value) => value.length <= 1000, { error: 'must have at most 1000 characters' })
  .meta({ maxLength: 1000 });

/** Paging as at Cloudflare: `page` counts from 1. */
export function paging(limits: { readonly minimum: number; readonly maximum: number; readonly otherwise: number }) {
  return {
    page: count(1, 1_000_000_000, 1),
    per_page: count(limits.minimum, limits.maximum, limits.otherwise),
  };
}

/** For links to one thing in a list of many pages. */
export const HOLDING = {
  holding: FILTER.optional().meta({
    description: 'An id: the page that holds it is answered, whatever page says; as without it where it is not there.',
  }),
};

export const DIRECTION = oneOf(['asc', 'desc']).default('asc');
export const MATCH = oneOf(['all', 'any']).default('all');

const ZONE_ID = z.string().meta({ description: 'The id of a zone.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] });
const HOSTNAME = z.string().meta({ description: 'A hostname of the zone.', examples: ['www.example.test'] });

/** What stands for `:id` in a path. */
const PATH_ID = z.string().meta({ examples: ['7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4'] });

export const ZONE_PARAMS = z.object({ zone: ZONE_ID });
export const IN_ZONE_PARAMS = z.object({ zone: ZONE_ID, id: PATH_ID });
export const HOSTNAME_PARAMS = z.object({ zone: ZONE_ID, hostname: HOSTNAME });
