import { type KeyObject, verify } from 'node:crypto';
import type { DerElement } from './der-read.ts';
import { members, readOid, TAG } from './der-read.ts';

const RSA_PSS = '1.2.840.113549.1.1.10';

/** Signature algorithms with SHA-256 or better, and Node's name of the digest; `null` where the algorithm brings its own. */
const STRONG_SIGNATURES: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512' | null> = new Map([
  ['1.2.840.10045.4.3.2', 'sha256'], // ecdsa-with-SHA256
  ['1.2.840.10045.4.3.3', 'sha384'], // ecdsa-with-SHA384
  ['1.2.840.10045.4.3.4', 'sha512'], // ecdsa-with-SHA512
  ['1.2.840.113549.1.1.11', 'sha256'], // sha256WithRSAEncryption
  ['1.2.840.113549.1.1.12', 'sha384'], // sha384WithRSAEncryption
  ['1.2.840.113549.1.1.13', 'sha512'], // sha512WithRSAEncryption
  ['1.3.101.112', null], // Ed25519
  ['1.3.101.113', null], // Ed448
]);

const STRONG_DIGESTS: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1', // SHA-256
  '2.16.840.1.101.3.4.2.2', // SHA-384
  '2.16.840.1.101.3.4.2.3', // SHA-512
]);

/** Whether nobody can forge a second certificate under this signature: OpenSSL's security level 2. Throws `DerError`. */
export function isStrongSignature(algorithm: DerElement): boolean {
  const [id, parameters] = members(algorithm);
  const name = readOid(id);
  return name === RSA_PSS ? isStrongPss(parameters) : STRONG_SIGNATURES.has(name);
}

/** Whether the bytes are signed by that key. Only by the algorithms above: RSA-PSS too counts as not signed. Throws `DerError`. */
export function isSignedBy(body: Uint8Array, algorithm: DerElement, signature: Uint8Array, key: KeyObject): boolean {
  const digest = STRONG_SIGNATURES.get(readOid(members(algorithm)[0]));
  if (digest === undefined) return false;
  try {
    return verify(digest, body, key, signature);
  } catch {
    // A key of another kind than the algorithm's.
    return false;
  }
}

/** Whether a key is long enough, by its type's name: OpenSSL's security level 2, 112 bits. */
export function isStrongKey(keyType: string): boolean {
  const [family = '', size = ''] = keyType.split(':');
  if (family === 'ec') return /^P-(?:256|384|521)$/.test(size);
  if (family === 'rsa' || family === 'rsa-pss') return Number(size) >= 2048;
  return family === 'ed25519' || family === 'ed448';
}

// RFC 4055 §3.1: the digest stands in [0]; left out it is SHA-1.
function isStrongPss(parameters: DerElement | undefined): boolean {
  if (parameters?.tag !== TAG.sequence) return false;
  const digest = members(parameters).find(({ tag }) => tag === 0xa0);
  const [algorithm] = digest === undefined ? [] : members(digest);
  return algorithm !== undefined && STRONG_DIGESTS.has(readOid(members(algorithm)[0]));
}
