import { z } from 'zod';
import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import type { CaPair, Zone } from '../domain/zone.ts';
import { SECOND, SHA256, type View } from './answer-fields.ts';
import { MADE_LIKE } from './managed-certificates.ts';
import { PACE_BODY, REASON } from './rotations.ts';
import { FLAG, KEY, PEM, text, wholeNumber } from './schemas.ts';
import { second } from './views.ts';

/** The CAs of a zone, as they are shown and as their owners bring them. */

export const IMPORT_BODY = z.strictObject({
  certificate: PEM.meta({
    description: 'The intermediate in PEM; its root may follow.',
    examples: ['-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n'],
  }),
  private_key: KEY.meta({ description: 'The key of the intermediate. That of the root is not wanted.' }),
  root_certificate: PEM.optional().meta({
    description: 'The root in PEM, where it does not follow the intermediate and is not the present one of the zone.',
  }),
  rehearsal: FLAG.optional().meta({ description: 'As far as the proof, and no origin is switched.' }),
  ...MADE_LIKE,
  pace: PACE_BODY,
  reason: REASON,
});

const LEAST_PASSPHRASE = 12;

const PASSPHRASE = text(1024)
  .refine((value) => value.length >= LEAST_PASSPHRASE, { error: `must have at least ${LEAST_PASSPHRASE} characters` })
  .meta({ description: 'Never stored, logged or answered.', examples: ['correct horse battery staple'] });

const ENCRYPTED_KEY = PEM.meta({
  description: 'What was exported: PKCS#8 in PEM under the passphrase.',
  examples: ['the ENCRYPTED PRIVATE KEY in PEM, with its line ends'],
});

export const ROOT_EXPORT_BODY = z.strictObject({ passphrase: PASSPHRASE });

export const ROOT_RESTORE_BODY = z.strictObject({ encrypted_key: ENCRYPTED_KEY, passphrase: PASSPHRASE });

export const ROOT_FORGET_BODY = z.strictObject({
  encrypted_key: ENCRYPTED_KEY,
  passphrase: PASSPHRASE,
  list_days: wholeNumber(1, 3650).optional().meta({
    description:
      'Until the next ceremony: so long the revocation list lasts that the root signs now. A year where it is left out.',
  }),
  standby: FLAG.optional().meta({
    description:
      'Whether the root signs an intermediate ahead, for the next rotation of that. It does where this is left out.',
  }),
  bundle_signer: FLAG.optional().meta({
    description:
      'Whether the root certifies ahead a key that signs what is said of the bundle until then. It does where this is left out.',
  }),
});

export const ROOT_EXPORT = z
  .strictObject({ encrypted_key: z.string(), root_fingerprint: SHA256 })
  .meta({ id: 'SealedRootKey', description: 'The key of a root under a passphrase.' });

const CA = z.strictObject({
  subject: z.string().meta({ examples: ['O=Postern, CN=pull root example.test'] }),
  fingerprint: SHA256,
  key_type: z.string().meta({ examples: ['ec:P-256'] }),
  expires_on: SECOND,
});

const PAIR = z.strictObject({ root: CA, intermediate: CA });

export const AUTHORITY = z
  .strictObject({
    ...PAIR.shape,
    root_key: z.enum(['here', 'away']).meta({ description: 'Whether the key of the root is in the vault.' }),
    root_list_until: SECOND.nullable().meta({
      description: 'When the newest revocation list of the root ends; null where it has none.',
    }),
    standby: CA.nullable().meta({ description: 'An intermediate that the root has signed ahead.' }),
    bundle_signer_until: SECOND.nullable().meta({
      description:
        'Until when what is said of the bundle can be signed without the key of the root; null where it cannot.',
    }),
    next: PAIR.nullable().meta({ description: 'What a rotation brings.' }),
    retiring: PAIR.nullable().meta({ description: 'What a rotation replaces.' }),
  })
  .meta({ id: 'Authority', description: 'The CAs that issue the managed identities of a zone. Names no key.' });

/** The CAs of a zone as the API shows them. */
export function authorityView({ authority }: Zone, listUntil: Instant | null): View<typeof AUTHORITY> {
  const { rootKey, standby, signer, next, retiring } = authority;
  return {
    ...pairView(authority),
    root_key: rootKey,
    root_list_until: listUntil === null ? null : second(listUntil),
    standby: standby === null ? null : caView(standby),
    bundle_signer_until: signer === null ? null : second(signer.notAfter),
    next: next === null ? null : pairView(next),
    retiring: retiring === null ? null : pairView(retiring),
  };
}

function pairView({ root, intermediate }: CaPair) {
  return { root: caView(root), intermediate: caView(intermediate) };
}

function caView({ subject, fingerprint, keyType, notAfter }: X509Facts) {
  return { subject, fingerprint, key_type: keyType, expires_on: second(notAfter) };
}
