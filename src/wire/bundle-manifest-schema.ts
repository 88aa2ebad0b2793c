import { z } from 'zod';
import { HOST, ID, SHA256, TIME } from './answer-fields.ts';

/** What `BundleManifest` looks like, for the description of the API. */
export const BUNDLE_MANIFEST = z
  .strictObject({
    format: z.literal('postern-bundle'),
    zone: ID,
    zone_name: HOST,
    version: z
      .int()
      .meta({ description: 'Grows with each bundle of the zone that was published.', examples: [1924992000] }),
    sha256: SHA256,
    issued_on: TIME,
    expires_on: TIME,
    certificates: z.array(
      z.strictObject({
        sha256: SHA256,
        subject: z.string().meta({ examples: ['O=Postern, CN=pull root example.test'] }),
        expires_on: TIME,
        leaves_on: TIME.nullable().meta({ description: 'When it leaves the bundle, as soon as that is known.' }),
      }),
    ),
    openings: z
      .array(z.strictObject({ hostname: HOST, until: TIME }))
      .meta({ description: 'Locks that are to be open for a while: watch there, and refuse nobody.' }),
  })
  .meta({ id: 'BundleManifest', description: 'What is said of a bundle, for who installs it.' });
