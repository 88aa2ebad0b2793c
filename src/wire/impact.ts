import { z } from 'zod';
import { CONSEQUENCES, type Consequence, severityOf } from '../domain/consequence.ts';
import { CONSEQUENCE_SEVERITIES } from '../domain/consequence-row.ts';
import type { Impact } from '../domain/impact.ts';
import { ROTATED } from '../domain/rotation.ts';
import { COMPLIANCE_MODES } from '../domain/compliance.ts';
import { SSL_MODES, TLS_VERSIONS } from '../domain/settings.ts';
import { ACCESS_RULE_EDIT } from './access-rules.ts';
import { HOST, type View } from './answer-fields.ts';
import { RATE_LIMIT_DRAFT } from './rate-limits.ts';
import { CERTIFICATE as PEM_CERTIFICATE, FLAG, list, NAME, oneOf, PEM } from './schemas.ts';
import { RECORD_DRAFT, RECORD_EDIT } from './schemas-records.ts';
import { MOST_OTHER_NAMES } from './setups.ts';

/** What somebody is about to do, as the API takes it, and what would follow. */

const HOSTNAME = NAME.meta({ examples: ['www.example.test'] });
const RECORD = { record: NAME.meta({ description: 'The id of a record.' }) };
const CERTIFICATE = NAME.meta({ description: 'The id of a certificate.' });
const ON = { on: FLAG };
const RULE = NAME.meta({ description: 'The id of a rule.' });
const NEW_RULE = RULE.optional().meta({ description: 'The rule that is changed; left out for a new one.' });
const UPLOAD = PEM_CERTIFICATE.meta({
  description: 'The certificate with its issuers in PEM. Its key is not asked for.',
});

const FORMS = [
  z.strictObject({ kind: z.literal('mode'), to: oneOf(SSL_MODES) }),
  z.strictObject({ kind: z.literal('always_use_https'), ...ON }),
  z.strictObject({ kind: z.literal('zone_level'), ...ON }),
  z.strictObject({ kind: z.literal('global_level'), ...ON }),
  z.strictObject({
    kind: z.literal('hostname_level'),
    hostname: HOSTNAME,
    on: FLAG.nullable().meta({ description: 'null lets the hostname do what its zone says.' }),
    cert_id: CERTIFICATE.optional(),
  }),
  z.strictObject({ kind: z.literal('hostname_certificate_assign'), hostname: HOSTNAME, cert_id: CERTIFICATE }),
  z.strictObject({ kind: z.literal('min_tls_version'), to: oneOf(TLS_VERSIONS) }),
  z.strictObject({
    kind: z.literal('origin_tls_compliance_modes'),
    to: z
      .array(oneOf(COMPLIANCE_MODES), { error: `must be an array of ${COMPLIANCE_MODES.join(' and ')}` })
      .max(2, { error: 'must have at most 2 items' })
      .meta({ description: 'None for no limit.' }),
  }),
  z.strictObject({ kind: z.literal('record_create'), record: RECORD_DRAFT }),
  z.strictObject({ kind: z.literal('record_grey'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_orange'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_delete'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_change'), ...RECORD, change: RECORD_EDIT }),
  z.strictObject({ kind: z.literal('certificate_delete'), level: oneOf(['zone', 'hostname']), cert_id: CERTIFICATE }),
  z.strictObject({
    kind: z.literal('certificate_upload'),
    level: oneOf(['zone', 'hostname']),
    certificate: UPLOAD,
    request: NAME.optional().meta({ description: 'The id of the certificate request that it answers.' }),
  }),
  z.strictObject({
    kind: z.literal('visitor_certificate_upload'),
    certificate: UPLOAD,
    cert_id: CERTIFICATE.optional().meta({ description: 'The one that it takes the place of.' }),
  }),
  z.strictObject({ kind: z.literal('visitor_certificate_delete'), cert_id: CERTIFICATE }),
  z.strictObject({ kind: z.literal('visitor_authorities_put'), hostname: HOSTNAME, certificates: PEM }),
  z.strictObject({ kind: z.literal('visitor_authorities_delete'), hostname: HOSTNAME }),
  z.strictObject({ kind: z.literal('trusted_ca_add'), certificate: UPLOAD }),
  z.strictObject({ kind: z.literal('trusted_ca_delete'), cert_id: CERTIFICATE }),
  z.strictObject({ kind: z.literal('access_rule_put'), rule: NEW_RULE, change: ACCESS_RULE_EDIT }),
  z.strictObject({ kind: z.literal('access_rule_delete'), rule: RULE }),
  z.strictObject({ kind: z.literal('rate_limit_put'), rule: NEW_RULE, change: RATE_LIMIT_DRAFT }),
  z.strictObject({ kind: z.literal('rate_limit_delete'), rule: RULE }),
  z.strictObject({
    kind: z.literal('enforce'),
    hostname: HOSTNAME,
    other_names: list(NAME, 'of hostnames of the zone', MOST_OTHER_NAMES)
      .optional()
      .meta({ description: 'Other names of the same virtual host, locked with it.', examples: [['example.test']] }),
  }),
  z.strictObject({ kind: z.literal('pause'), ...ON }),
  z.strictObject({ kind: z.literal('zone_delete') }),
  z.strictObject({
    kind: z.literal('authority_rotate'),
    what: oneOf(ROTATED),
    revoke_first: FLAG.optional().meta({ description: 'Whether what leaves is revoked before anything is proved.' }),
  }),
] as const;

const KINDS = FORMS.map(({ shape }) => shape.kind.value);

export const IMPACT_BODY = z
  .discriminatedUnion('kind', FORMS, { error: `must be an object whose kind is one of ${KINDS.join(', ')}` })
  .meta({ examples: [{ kind: 'zone_level', on: false }] });

export type ImpactBody = z.output<typeof IMPACT_BODY>;

const COUNT = z.int().meta({ examples: [41] });

const TRAFFIC = z.strictObject({ pulls: COUNT, without_certificate: COUNT, refused: COUNT }).nullable().meta({
  description:
    'What was pulled for all of them in the last hour; null where that is not known, or it is about no hostname.',
});

const CONSEQUENCE = z.strictObject({
  code: z.string().meta({ examples: ['locked_origin_refuses'] }),
  severity: z.enum(CONSEQUENCE_SEVERITIES).meta({
    description: 'stop: what works breaks, or what is closed opens. warning: it may. note: good to know.',
  }),
  text: z.string(),
  fix: z.string(),
  hostnames: z.array(HOST).meta({ description: 'The first 20 of them.' }),
  count: COUNT.meta({ description: 'How many hostnames it is about.' }),
  traffic: TRAFFIC,
});

const COUNTED = z
  .strictObject({
    minutes: COUNT.meta({ description: 'How many of the minutes of the last hour were counted.', examples: [60] }),
    silent_edges: COUNT.meta({ description: 'Edges that do not tell what they count.', examples: [0] }),
  })
  .nullable()
  .meta({ description: 'How much the counts hold; null where no edge tells, or nothing is counted by edges.' });

/** What is answered to questions of these kinds. */
export function impactOf<const Kind extends string>(id: string, kinds: readonly Kind[]) {
  return z
    .strictObject({
      kind: z.enum(kinds),
      consequences: z.array(CONSEQUENCE),
      counted: COUNTED,
    })
    .meta({ id, description: 'What would follow from a change, the most severe first. Nothing is changed.' });
}

export const IMPACT = impactOf('Impact', KINDS);

/** What the API answers to a question of this kind. */
export interface ImpactView<Kind extends string = ImpactBody['kind']> {
  readonly kind: Kind;
  readonly consequences: readonly View<typeof CONSEQUENCE>[];
  readonly counted: View<typeof COUNTED>;
}

/** The same as the API shows it. */
export function impactView<Kind extends string>(kind: Kind, { consequences, counted }: Impact): ImpactView<Kind> {
  return {
    kind,
    consequences: consequences.map(consequenceView),
    counted: counted === null ? null : { minutes: counted.minutes, silent_edges: counted.silent },
  };
}

function consequenceView({ code, detail, hostnames, count, traffic }: Consequence) {
  const { text, fix } = CONSEQUENCES[code];
  return {
    code,
    severity: severityOf(code),
    text: detail === '' ? `${text}.` : `${text}. ${detail}`,
    fix,
    hostnames: [...hostnames],
    count,
    traffic:
      traffic === null
        ? null
        : { pulls: traffic.pulls, without_certificate: traffic.withoutCertificate, refused: traffic.refused },
  };
}
