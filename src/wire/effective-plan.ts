import { z } from 'zod';
import { VERDICTS } from '../domain/verdict.ts';
import { CERTIFICATE_ID, CERTIFICATE_PEM, HOST, ID, SECOND, SHA256 } from './answer-fields.ts';
import { STATUS } from './certificate-views.ts';
import { MESSAGE } from './messages.ts';
import { ASKED } from './visitor-authorities.ts';

export const PLAN = z
  .strictObject({
    kind: z.enum(['not_served', 'redirect', 'plaintext', 'without', 'present', 'refuse']),
    because: z
      .enum([
        'unknown_hostname',
        'dns_only',
        'paused',
        'always_use_https',
        'ssl_off',
        'flexible',
        'visitor_http',
        'never_enabled',
        'hostname_veto',
        'no_identity',
        'key_missing',
        'identity_expired',
        'server_name_foreign',
        'hostname',
        'zone',
        'global',
      ])
      .meta({ description: 'The reason, or the level whose certificate is presented.' }),
    sentence: z.string().meta({ description: 'The same in words.' }),
  })
  .meta({ id: 'Plan', description: 'What the edge does for one pull.' });

const PULL_CERTIFICATE = z.strictObject({
  id: CERTIFICATE_ID,
  fingerprint: SHA256,
  expires_on: SECOND,
  status: STATUS,
});

/** What the edge does for pulls of a hostname, and why. */
export const PLANNED_PULLS = z.strictObject({
  https: PLAN,
  http: PLAN,
  level: z.enum(['hostname', 'zone', 'global']).nullable().meta({ description: 'Which level decided.' }),
  why: z.string(),
  identity: z.enum(['managed', 'uploaded', 'shared']).nullable(),
  certificate: PULL_CERTIFICATE.nullable(),
});

/** The same as a row of the list of all hostnames. */
export const PLAN_ROW = z
  .strictObject({
    hostname: HOST,
    ...PLANNED_PULLS.shape,
    verdict: z
      .enum(VERDICTS)
      .nullable()
      .meta({ description: 'Of its lock, the worst of its origins; null where none was looked at.' }),
  })
  .meta({ id: 'PlanRow', description: 'What the edge does for pulls of one hostname among others.' });

/** What the edge does for pulls of a hostname, why, and what its origin must trust. */
export const EFFECTIVE_PLAN = z
  .strictObject({
    hostname: HOST,
    zone: z.strictObject({ id: ID, name: HOST }),
    ...PLANNED_PULLS.shape,
    in_force: z.boolean().meta({
      description: "Whether every edge has the zone's newest change in force; until then some may still do otherwise.",
      examples: [true],
    }),
    certificate: PULL_CERTIFICATE.extend({ pem: CERTIFICATE_PEM }).nullable(),
    server_names: z.array(HOST).meta({ description: "The names in the edge's handshakes." }),
    bundle: z
      .strictObject({ url: z.string(), path: z.string(), sha256: SHA256 })
      .nullable()
      .meta({ description: 'What the origin must trust; null where nobody is shown a certificate.' }),
    visitors: ASKED.nullable().meta({
      description: 'Whose certificates visitors must show; null where none are asked for.',
    }),
    accept_shared: z.boolean().meta({ description: 'Whether that bundle lets in every other zone.' }),
    notices: z.array(MESSAGE),
  })
  .meta({ id: 'EffectivePlan', description: 'What the edge does for pulls of a hostname, and why.' });
