import { z } from 'zod';
import type { Witness, ToldByOrigin } from '../domain/told-certificate.ts';
import { HOST, SHA256, TIME, type View } from './answer-fields.ts';
import { few, FLAG, NAME, text } from './schemas.ts';
import { moment } from './views.ts';

/** What an origin tells of the certificates that its own server shows, where it is asked for it, and as it is shown. */

/** Certificates of one report, and characters of a name in one. */
export const MOST_TOLD_CERTIFICATES = 100;
export const LONGEST_SUBJECT = 300;

const DIGEST = { error: 'must be 64 hexadecimal digits in lower case' };

export const TOLD_CERTIFICATES = few(
  z.strictObject({
    hostname: NAME.meta({ description: 'One of `hostnames`.', examples: ['www.example.test'] }),
    sha256: z
      .string(DIGEST)
      .regex(/^[0-9a-f]{64}$/, DIGEST)
      .meta({ examples: ['3b1f8a0d5c7e92466d0b4f1e8a37c25990de1b6f4a82c3750e9d6b18f2a4c7d3'] }),
    subject: text(LONGEST_SUBJECT).meta({ examples: ['CN=www.example.test'] }),
    self_signed: FLAG,
  }),
  MOST_TOLD_CERTIFICATES,
).meta({
  description:
    'Certificates that the server shows there, as a look from the machine itself sees them, in place of those of the last report that had any. Left out where nobody looked.',
});

/** One of them as it is told. */
export type ToldInReport = View<typeof TOLD_CERTIFICATES>[number];

/** Where a machine that reports is to look at its own certificates. */
export const LOOK_AT = z.strictObject({
  hostname: HOST,
  server_name: HOST.meta({ description: 'What the edge asks for in the handshake.' }),
  port: z.int().meta({ description: 'Where the edge asks.', examples: [443] }),
});

export type LookAt = View<typeof LOOK_AT>;

/** Places of one answer. */
export const MOST_LOOKED_AT = 20;

export const TOLD_BY_ORIGIN = z
  .strictObject({
    said: z.enum(['same', 'other', 'not_told']).meta({
      description:
        'same: a machine that reports saw this certificate at its own server. other: one that reported within 15 minutes saw another. not_told: nobody says. Who holds a token that may origin:report can tell anything: it decides nothing.',
    }),
    host: z
      .string()
      .nullable()
      .meta({ description: 'Name of the machine.', examples: ['web-1'] }),
    since: TIME.nullable().meta({ description: 'When it first told of that certificate.' }),
    told_on: TIME.nullable().meta({ description: 'When it last did.' }),
    certificate: z
      .strictObject({ subject: z.string(), fingerprint: SHA256, self_signed: z.boolean() })
      .nullable()
      .meta({ description: 'What it saw.' }),
  })
  .meta({ description: 'What the origin itself tells of its certificate.' });

/** The same as the API shows it. */
export function toldByOriginView(told: ToldByOrigin): View<typeof TOLD_BY_ORIGIN> {
  if (told.kind === 'not_told') return { said: 'not_told', host: null, since: null, told_on: null, certificate: null };
  return { said: told.kind, ...witnessView(told.by) };
}

function witnessView({ host, since, at, subject, fingerprint, isSelfSigned }: Witness) {
  const certificate = { subject, fingerprint, self_signed: isSelfSigned };
  return { host, since: moment(since), told_on: moment(at), certificate };
}
