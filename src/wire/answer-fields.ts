import { z } from 'zod';

/**
 * Fields that many answers have, as the description of the API tells them. Schemas of answers describe and are checked
 * in tests; nothing is parsed with them while the program runs.
 */

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** A value that an answer's schema describes. A view that returns one cannot drift from its description. */
export type View<Schema extends z.ZodType> = Frozen<z.output<Schema>>;

export const ID = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({ description: 'Hexadecimal, lower case.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] });

export const CERTIFICATE_ID = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  .meta({ examples: ['7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4'] });

/** RFC 3339 with milliseconds: when something happened here. */
export const TIME = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: 'date-time', examples: ['2031-01-31T12:00:00.000Z'] });

/** RFC 3339 without a fraction: the times in certificates. */
export const SECOND = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time', examples: ['2031-04-30T12:00:00Z'] });

export const HOST = z.string().meta({
  description: 'Lower case, with A-labels, without a trailing dot.',
  examples: ['www.example.test'],
});

export const SHA256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ examples: ['3b1f8a0d5c7e92466d0b4f1e8a37c25990de1b6f4a82c3750e9d6b18f2a4c7d3'] });

export const CERTIFICATE_PEM = z
  .string()
  .regex(/^\s*-----BEGIN CERTIFICATE-----/)
  .meta({
    description: 'PEM.',
    examples: ['-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n'],
  });

/** What is left to say of a thing that was deleted. */
export const DELETED = z
  .strictObject({ id: z.union([ID, CERTIFICATE_ID]) })
  .meta({ id: 'Deleted', description: 'The id of what is gone.' });
