import { z } from 'zod';
import { BUNDLE_METHODS, CUSTOM_TYPES, type CustomCertificate, customStatus } from '../domain/custom-certificate.ts';
import type { ZoneId } from '../domain/ids.ts';
import { CERTIFICATE_ID, HOST, ID, SECOND, TIME, type View } from './answer-fields.ts';
import { CERTIFICATE, FILTER, KEY, list, MATCH, oneOf, HOLDING, paging, text, wholeNumber } from './schemas.ts';
import { signatureName } from './signature-name.ts';
import { moment, type Progress, second } from './views.ts';

/** Server certificates for visitors, as they come in and as they are shown: Cloudflare's `custom_certificates`. */

export const CUSTOM_UPLOAD = z.object({
  certificate: CERTIFICATE,
  private_key: KEY,
  bundle_method: oneOf(BUNDLE_METHODS).default('ubiquitous'),
  type: oneOf(CUSTOM_TYPES).optional(),
});

export const CUSTOM_EDIT = z.object({
  certificate: CERTIFICATE.optional(),
  private_key: KEY.optional(),
  bundle_method: oneOf(BUNDLE_METHODS).optional(),
});

export const CUSTOM_LIST = z.object({
  ...paging({ minimum: 1, maximum: 50, otherwise: 20 }),
  ...HOLDING,
  status: FILTER.optional(),
  match: MATCH,
});

export const PRIORITIES = z.object({
  certificates: list(
    z.object({ id: text(64), priority: wholeNumber(0, 1_000_000) }),
    '[{"id": …, "priority": …}]',
    1000,
  ),
});

export const CUSTOM_CERTIFICATE = z
  .strictObject({
    id: CERTIFICATE_ID,
    zone_id: ID,
    type: z.enum(CUSTOM_TYPES),
    hosts: z.array(HOST),
    issuer: z.string().meta({ examples: ['CN=Example CA'] }),
    signature: z.string().meta({ examples: ['ECDSAWithSHA256'] }),
    status: z.enum(['active', 'pending', 'expired']),
    bundle_method: z.enum(BUNDLE_METHODS),
    priority: z.int().meta({ description: 'Where several hold a name, the highest is shown.', examples: [0] }),
    uploaded_on: TIME,
    modified_on: TIME,
    expires_on: SECOND,
  })
  .meta({
    id: 'CustomCertificate',
    description: 'A server certificate for visitors. Neither its key nor its PEM is answered.',
  });

/** An uploaded server certificate; its key has no view, and neither has its PEM, as at Cloudflare. */
export function customCertificateView(
  certificate: CustomCertificate,
  zone: ZoneId,
  { applied, now }: Progress,
): View<typeof CUSTOM_CERTIFICATE> {
  const { id, leaf, bundleMethod, type, priority, uploadedAt, modifiedAt } = certificate;
  return {
    id,
    zone_id: zone,
    type,
    hosts: leaf.dnsNames,
    issuer: leaf.issuer,
    signature: signatureName(leaf),
    status: customStatus(certificate, applied, now),
    bundle_method: bundleMethod,
    priority,
    uploaded_on: moment(uploadedAt),
    modified_on: moment(modifiedAt),
    expires_on: second(leaf.notAfter),
  };
}
