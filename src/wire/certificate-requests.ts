import { z } from 'zod';
import type { CertificateRequest } from '../domain/certificate-request.ts';
import { KEY_TYPES } from '../pki/keys.ts';
import { CERTIFICATE_ID, HOST, SHA256, TIME, type View } from './answer-fields.ts';
import { CERTIFICATE, list, NAME, oneOf, paging } from './schemas.ts';
import { moment } from './views.ts';

const MOST_NAMES = 100;
const MOST_CHARACTERS = 64;

export const CERTIFICATE_REQUEST_BODY = z.strictObject({
  level: oneOf(['zone', 'hostname']).optional(),
  key_type: oneOf(KEY_TYPES).optional(),
  common_name: z
    .string({ error: 'must be text' })
    .min(1, { error: 'must not be empty' })
    .max(MOST_CHARACTERS, { error: `must have at most ${MOST_CHARACTERS} characters` })
    .optional()
    .meta({ description: 'The name of the zone where it is left out.', examples: ['edge of example.test'] }),
  hostnames: list(NAME, '["www.example.test"]', MOST_NAMES).optional(),
});

export const CERTIFICATE_REQUEST_ANSWER = z.strictObject({ certificate: CERTIFICATE });

export const CERTIFICATE_REQUEST_LIST = z.strictObject(paging({ minimum: 1, maximum: 100, otherwise: 20 }));

export const CERTIFICATE_REQUEST = z
  .strictObject({
    id: CERTIFICATE_ID,
    level: z.enum(['zone', 'hostname']),
    key_type: z.string().meta({ examples: ['ec:P-256'] }),
    public_key_sha256: SHA256,
    common_name: z.string().meta({ examples: ['example.test'] }),
    hostnames: z.array(HOST),
    csr: z.string().meta({
      description: 'PEM, for the CA that is to sign it.',
      examples: ['-----BEGIN CERTIFICATE REQUEST-----\nMIIB…\n-----END CERTIFICATE REQUEST-----\n'],
    }),
    created_on: TIME,
  })
  .meta({
    id: 'CertificateRequest',
    description: 'A request that waits for its certificate. Its key never leaves Postern.',
  });

/** A certificate request as the API shows it. */
export function certificateRequestView(request: CertificateRequest): View<typeof CERTIFICATE_REQUEST> {
  const { id, level, keyType, spki, commonName, hostnames, pem, createdAt } = request;
  return {
    id,
    level,
    key_type: keyType,
    public_key_sha256: spki,
    common_name: commonName,
    hostnames: [...hostnames],
    csr: pem,
    created_on: moment(createdAt),
  };
}
