import { z } from 'zod';
import { HOST, SHA256, TIME, type View } from './answer-fields.ts';
import type { OriginReport } from './origin-report.ts';
import { few, NAME, oneOf, text, wholeNumber } from './schemas.ts';
import { moment } from './views.ts';

/** What origins report, as it is taken and as it is shown. */

const MOST_LISTS = 100;
const MOST_HOSTNAMES = 1_000;
const SHA256_RULE = { error: 'must be 64 hexadecimal digits in lower case' };

const DIGEST = z
  .string(SHA256_RULE)
  .regex(/^[0-9a-f]{64}$/, SHA256_RULE)
  .meta({ examples: ['3b1f8a0d5c7e92466d0b4f1e8a37c25990de1b6f4a82c3750e9d6b18f2a4c7d3'] });
const NUMBER_RULE = { error: 'must be a number of at most 50 digits, as a text' };

export const ORIGIN_REPORT_BODY = z.strictObject({
  host: NAME.meta({ description: 'Name of the machine.', examples: ['web-1'] }),
  lock: NAME.meta({ description: 'Name of the lock on it.', examples: ['www'] }),
  server: text(255).meta({ examples: ['nginx 1.22.1'] }),
  bundle: z
    .strictObject({
      version: wholeNumber(1, Number.MAX_SAFE_INTEGER)
        .nullable()
        .meta({ examples: [1924992000] }),
      sha256: DIGEST,
    })
    .nullable()
    .meta({ description: 'The bundle in force there.' }),
  lists: few(
    z.strictObject({
      issuer: DIGEST,
      number: z
        .string(NUMBER_RULE)
        .regex(/^\d{1,50}$/, NUMBER_RULE)
        .nullable()
        .meta({ examples: ['1924992000'] }),
    }),
    MOST_LISTS,
  ).meta({ description: 'The revocation lists in force there.' }),
  hostnames: few(z.strictObject({ hostname: NAME, mode: oneOf(['enforce', 'watch']) }), MOST_HOSTNAMES),
  fault: z
    .strictObject({ code: text(100), text: text(1_000) })
    .nullable()
    .meta({ description: 'What keeps it from being in step.' }),
});

export const ORIGIN_REPORT = z
  .strictObject({
    host: z.string().meta({ examples: ['web-1'] }),
    lock: z.string().meta({ examples: ['www'] }),
    server: z.string().meta({ examples: ['nginx 1.22.1'] }),
    bundle: z
      .strictObject({
        version: z
          .int()
          .nullable()
          .meta({ examples: [1924992000] }),
        sha256: SHA256,
      })
      .nullable()
      .meta({ description: 'The bundle in force there.' }),
    in_step: z.boolean().meta({ description: 'Whether that is the bundle which the zone has now.' }),
    lists: z.array(z.strictObject({ issuer: SHA256, number: z.string().nullable() })),
    hostnames: z.array(z.strictObject({ hostname: HOST, mode: z.enum(['enforce', 'watch']) })),
    fault: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
    reported_on: TIME,
  })
  .meta({ id: 'OriginReport', description: 'What an origin said last of itself.' });

/** A report as the API shows it. `sha256` is that of the bundle which the zone has now. */
export function originReportView(
  { report, at }: { readonly report: OriginReport; readonly at: number },
  sha256: string,
): View<typeof ORIGIN_REPORT> {
  return { ...report, in_step: report.bundle?.sha256 === sha256, reported_on: moment(at) };
}
