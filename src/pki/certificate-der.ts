/** The outer structure of a certificate (RFC 5280 §4.1), read strictly. Meaning is given to it elsewhere. */

import type { Instant } from '../domain/ids.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  members,
  readBitString,
  readBoolean,
  readDer,
  readOid,
  readTime,
  TAG,
} from './der-read.ts';

export interface CertificateDer {
  /** Names as they are encoded: path building compares them octet for octet. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** The SubjectPublicKeyInfo, whole. */
  readonly spki: Buffer;
  /** What kind of key that is: its AlgorithmIdentifier. */
  readonly keyAlgorithm: Buffer;
  /** The bits of the public key alone: what key identifiers are made from. */
  readonly publicKeyBits: Buffer;
  readonly signatureAlgorithm: DerElement;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** One extension, its value read as far as its outermost element. */
export interface Extension {
  readonly critical: boolean;
  readonly value: DerElement;
}

/** The parts of a certificate. Throws `DerError`. */
export function readCertificateDer(der: Uint8Array): CertificateDer {
  const [body, signatureAlgorithm, signature, ...rest] = members(expectTag(readDer(der), TAG.sequence));
  readBitString(signature);
  if (rest.length > 0) throw new DerError('more than body, algorithm and signature');
  const fields = [...members(expectTag(body, TAG.sequence))];
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, innerAlgorithm, issuer, validity, subject, spki, ...optional] = fields;
  expectTag(serial, TAG.integer);
  // §4.1.1.2: both must say the same, or the signature could be reinterpreted.
  const algorithm = expectTag(signatureAlgorithm, TAG.sequence);
  if (!expectTag(innerAlgorithm, TAG.sequence).raw.equals(algorithm.raw))
    throw new DerError('two signature algorithms');
  const [notBefore, notAfter] = members(expectTag(validity, TAG.sequence));
  const [keyAlgorithm, publicKey] = members(expectTag(spki, TAG.sequence));
  return {
    issuer: expectTag(issuer, TAG.sequence).raw,
    subject: expectTag(subject, TAG.sequence).raw,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    spki: expectTag(spki, TAG.sequence).raw,
    keyAlgorithm: expectTag(keyAlgorithm, TAG.sequence).raw,
    publicKeyBits: readBitString(publicKey),
    signatureAlgorithm: algorithm,
    extensions: readExtensions(optional.find(({ tag }) => tag === 0xa3)),
  };
}

function readExtensions(wrapper: DerElement | undefined): ReadonlyMap<string, Extension> {
  if (wrapper === undefined) return new Map();
  const [list] = members(wrapper);
  return readExtensionList(expectTag(list, TAG.sequence));
}

/** The extensions of a certificate, or those that a request asks for. Throws `DerError`. */
export function readExtensionList(list: DerElement): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  for (const entry of members(list)) {
    const [id, second, third] = members(expectTag(entry, TAG.sequence));
    const critical = second?.tag === TAG.boolean && readBoolean(second);
    const content = expectTag(second?.tag === TAG.boolean ? third : second, TAG.octetString);
    const name = readOid(id);
    // §4.2: never two of a kind; which one counts would be up to the reader.
    if (found.has(name)) throw new DerError(`extension ${name} twice`);
    found.set(name, { critical, value: readDer(content.body) });
  }
  return found;
}
