import { z } from 'zod';
import { CONSEQUENCE_SEVERITIES, CONSEQUENCES, type Consequence, severityOf } from '../domain/consequence.ts';
import type { Impact } from '../domain/impact.ts';
import { ROTATED } from '../domain/rotation.ts';
import { SSL_MODES } from '../domain/settings.ts';
import { HOST, type View } from './answer-fields.ts';
import { FLAG, NAME, oneOf } from './schemas.ts';
import { RECORD_EDIT } from './schemas-records.ts';

/** What somebody is about to do, as the API takes it, and what would follow. */

const HOSTNAME = NAME.meta({ examples: ['www.example.test'] });
const RECORD = { record: NAME.meta({ description: 'The id of a record.' }) };
const CERTIFICATE = NAME.meta({ description: 'The id of a certificate.' });
const ON = { on: FLAG };

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
  z.strictObject({ kind: z.literal('record_grey'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_orange'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_delete'), ...RECORD }),
  z.strictObject({ kind: z.literal('record_change'), ...RECORD, change: RECORD_EDIT }),
  z.strictObject({ kind: z.literal('certificate_delete'), level: oneOf(['zone', 'hostname']), cert_id: CERTIFICATE }),
  z.strictObject({ kind: z.literal('enforce'), hostname: HOSTNAME }),
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

const TRAFFIC = z
  .strictObject({ pulls: COUNT, without_certificate: COUNT, refused: COUNT })
  .nullable()
  .meta({ description: 'What was pulled for all of them in the last hour; null where that is not known.' });

export const IMPACT = z
  .strictObject({
    kind: z.enum(KINDS),
    consequences: z.array(
      z.strictObject({
        code: z.string().meta({ examples: ['locked_origin_refuses'] }),
        severity: z.enum(CONSEQUENCE_SEVERITIES).meta({
          description: 'stop: what works breaks, or what is closed opens. warning: it may. note: good to know.',
        }),
        text: z.string(),
        fix: z.string(),
        hostnames: z.array(HOST).meta({ description: 'The first 20 of them.' }),
        count: COUNT.meta({ description: 'How many hostnames it is about.' }),
        traffic: TRAFFIC,
      }),
    ),
  })
  .meta({ id: 'Impact', description: 'What would follow from a change, the most severe first. Nothing is changed.' });

export type ImpactView = View<typeof IMPACT>;

/** The same as the API shows it. */
export function impactView(kind: ImpactBody['kind'], { consequences }: Impact): ImpactView {
  return { kind, consequences: consequences.map(consequenceView) };
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
