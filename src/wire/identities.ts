import { z } from 'zod';
import { CERTIFICATE_ID, CERTIFICATE_PEM, HOST, SECOND, SHA256, TIME } from './answer-fields.ts';
import { STATUS } from './certificate-views.ts';

/** What a zone can present to origins, as the API shows it. */

export const IDENTITY = z
  .strictObject({
    id: CERTIFICATE_ID,
    level: z.enum(['hostname', 'zone', 'global']),
    source: z.enum(['uploaded', 'managed', 'shared']),
    status: STATUS,
    fingerprint: SHA256,
    subject: z.string().meta({ examples: ['CN=Example Client'] }),
    uris: z.array(z.string()).meta({ description: 'The URIs among its names.' }),
    dns_names: z.array(HOST).meta({ description: 'The DNS names among its names.' }),
    key_type: z.string().meta({ examples: ['ec:P-256'] }),
    issuer: z.string().meta({ examples: ['CN=Example Client CA'] }),
    serial_number: z
      .string()
      .regex(/^\d+$/)
      .meta({ description: 'Decimal.', examples: ['31415926535897932384'] }),
    valid_from: SECOND,
    expires_on: SECOND,
    added_on: TIME.nullable().meta({ description: 'null for the one that all zones share.' }),
    renews_on: SECOND.nullable().meta({ description: 'null for what its owner renews.' }),
    key_at_edge: z.boolean().meta({ examples: [true] }),
    provable: z.boolean().meta({
      description: 'Whether the bundle that origins install can vouch for it.',
      examples: [true],
    }),
    presented_by: z
      .strictObject({ count: z.int(), hostnames: z.array(HOST) })
      .meta({ description: 'How many hostnames are to present it, and the first of them.' }),
  })
  .meta({ id: 'Identity', description: 'Something that a zone can present to origins.' });

export const WHOLE_IDENTITY = z
  .strictObject({ ...IDENTITY.shape, certificate: CERTIFICATE_PEM })
  .meta({ id: 'WholeIdentity', description: 'An identity with its certificate and the issuers of that.' });
