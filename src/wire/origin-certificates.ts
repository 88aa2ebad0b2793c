import { z } from 'zod';
import { ORIGIN_REQUEST_TYPES, ORIGIN_VALIDITIES, type OriginCertificate } from '../domain/origin-certificate.ts';
import { CERTIFICATE_PEM, HOST, SECOND, TIME, type View } from './answer-fields.ts';
import { FILTER, list, NAME, oneOf, PEM, HOLDING, paging } from './schemas.ts';
import { moment, second } from './views.ts';

/** Certificates of the Origin CA, as they are asked for and as they are shown: Cloudflare's `/certificates`. */

export const ORIGIN_REQUEST = z.object({
  csr: PEM.meta({ examples: ['-----BEGIN CERTIFICATE REQUEST-----\nMIHc…\n-----END CERTIFICATE REQUEST-----\n'] }),
  hostnames: list(NAME.meta({ examples: ['www.example.test'] }), 'of hostnames', 200),
  request_type: oneOf(ORIGIN_REQUEST_TYPES),
  requested_validity: z
    .literal(ORIGIN_VALIDITIES, { error: `must be one of ${ORIGIN_VALIDITIES.join(', ')} (days)` })
    .default(5475),
});

/** `zone_id` is asked for by the handler: its absence has an error code of its own. */
export const ORIGIN_LIST = z.object({
  ...paging({ minimum: 1, maximum: 50, otherwise: 20 }),
  ...HOLDING,
  zone_id: FILTER.optional(),
});

const SERIAL = z
  .string()
  .regex(/^\d+$/)
  .meta({
    description: 'The serial number in decimal.',
    examples: ['31415926535897932384'],
  });

export const ORIGIN_CERTIFICATE = z
  .strictObject({
    id: SERIAL,
    csr: z.string().meta({ description: 'PEM, as it was sent.' }),
    hostnames: z.array(HOST),
    request_type: z.enum(ORIGIN_REQUEST_TYPES),
    requested_validity: z.literal(ORIGIN_VALIDITIES).meta({ description: 'Days.' }),
    certificate: CERTIFICATE_PEM,
    expires_on: SECOND,
    revoked_at: TIME.optional(),
  })
  .meta({
    id: 'OriginCertificate',
    description: 'A server certificate for an origin. One that was revoked says when.',
  });

export const REVOKED_ORIGIN_CERTIFICATE = z
  .strictObject({ id: SERIAL, revoked_at: TIME })
  .meta({ id: 'RevokedOriginCertificate', description: 'What is left to say of a revoked certificate.' });

/** One certificate; one that was revoked says when. */
export function originCertificateView(one: OriginCertificate): View<typeof ORIGIN_CERTIFICATE> {
  return {
    id: one.id,
    csr: one.csr,
    hostnames: one.hostnames,
    request_type: one.requestType,
    requested_validity: one.requestedValidity,
    certificate: one.certificate.pem,
    expires_on: second(one.certificate.notAfter),
    ...(one.revokedAt === null ? {} : { revoked_at: moment(one.revokedAt) }),
  };
}
