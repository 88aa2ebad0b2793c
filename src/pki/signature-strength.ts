import type { DerElement } from './der-read.ts';
import { members, readOid, TAG } from './der-read.ts';

const RSA_PSS = '1.2.840.113549.1.1.10';

/** Signature algorithms with SHA-256 or better. */
const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.10045.4.3.2', // ecdsa-with-SHA256
  '1.2.840.10045.4.3.3', // ecdsa-with-SHA384
  '1.2.840.10045.4.3.4', // ecdsa-with-SHA512
  '1.2.840.113549.1.1.11', // sha256WithRSAEncryption
  '1.2.840.113549.1.1.12', // sha384WithRSAEncryption
  '1.2.840.113549.1.1.13', // sha512WithRSAEncryption
  '1.3.101.112', // Ed25519
  '1.3.101.113', // Ed448
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
