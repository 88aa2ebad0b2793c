/** Signs what certificates and CRLs have in common: a body, the algorithm, the signature (RFC 5280 §4.1.1). */

import { sign } from 'node:crypto';
import { bitString, nullValue, oid, sequence } from './der.ts';
import { keyObject, keyTypeOf, type PrivateKey } from './keys.ts';
import { PkiError } from './pki-error.ts';

interface SignatureAlgorithm {
  /** The AlgorithmIdentifier. */
  readonly identifier: Buffer;
  /** Node's name of the digest; `null` where the algorithm brings its own. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
}

const ECDSA_SHA256 = { identifier: sequence(oid('1.2.840.10045.4.3.2')), digest: 'sha256' } as const;
const ECDSA_SHA384 = { identifier: sequence(oid('1.2.840.10045.4.3.3')), digest: 'sha384' } as const;
const ECDSA_SHA512 = { identifier: sequence(oid('1.2.840.10045.4.3.4')), digest: 'sha512' } as const;
// RFC 4055 §5: RSA's identifier carries a NULL, those of ECDSA (RFC 5758 §3.2) and Ed25519 (RFC 8410 §3) carry nothing.
const RSA_SHA256 = { identifier: sequence(oid('1.2.840.113549.1.1.11'), nullValue()), digest: 'sha256' } as const;
const ED25519 = { identifier: sequence(oid('1.3.101.112')), digest: null } as const;

/** The algorithm that fits a key: the digest is as strong as the curve. Throws `PkiError` for other keys. */
export function signatureAlgorithm(key: PrivateKey): SignatureAlgorithm {
  const type = keyTypeOf(keyObject(key));
  switch (type) {
    case 'ec:P-256':
      return ECDSA_SHA256;
    case 'ec:P-384':
      return ECDSA_SHA384;
    case 'ec:P-521':
      return ECDSA_SHA512;
    case 'ed25519':
      return ED25519;
    default:
      if (type.startsWith('rsa:')) return RSA_SHA256;
      throw new PkiError('key_unsupported', type);
  }
}

/**
 * The signed whole. The body must already name the same algorithm (RFC 5280 §4.1.1.2). `along` goes behind the signature,
 * which does not cover it.
 */
export function signed(body: Uint8Array, key: PrivateKey, ...along: readonly Uint8Array[]): Buffer {
  const { identifier, digest } = signatureAlgorithm(key);
  return sequence(body, identifier, bitString(sign(digest, body, keyObject(key))), ...along);
}
