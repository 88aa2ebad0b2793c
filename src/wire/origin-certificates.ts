import { z } from 'zod';
import { ORIGIN_REQUEST_TYPES, ORIGIN_VALIDITIES, type OriginCertificate } from '../domain/origin-certificate.ts';
import { FILTER, list, NAME, oneOf, PEM, paging } from './schemas.ts';
import { moment, second } from './views.ts';

/** Certificates of the Origin CA, as they are asked for and as they are shown: Cloudflare's `/certificates`. */

export const ORIGIN_REQUEST = z.object({
  csr: PEM,
  hostnames: list(NAME, 'of hostnames', 200),
  request_type: oneOf(ORIGIN_REQUEST_TYPES),
  requested_validity: z
    .literal(ORIGIN_VALIDITIES, { error: `must be one of ${ORIGIN_VALIDITIES.join(', ')} (days)` })
    .default(5475),
});

/** `zone_id` is asked for by the handler: its absence has an error code of its own. */
export const ORIGIN_LIST = z.object({
  ...paging({ minimum: 1, maximum: 50, otherwise: 20 }),
  zone_id: FILTER.optional(),
});

/** One certificate; one that was revoked says when. */
export function originCertificateView(one: OriginCertificate) {
  const view = {
    id: one.id,
    csr: one.csr,
    hostnames: one.hostnames,
    request_type: one.requestType,
    requested_validity: one.requestedValidity,
    certificate: one.certificate.pem,
    expires_on: second(one.certificate.notAfter),
  };
  return one.revokedAt === null ? view : { ...view, revoked_at: moment(one.revokedAt) };
}
