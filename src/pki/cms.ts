/** Detached signatures (Cryptographic Message Syntax, RFC 5652), as `openssl cms -verify -binary` takes them. */

import { sign, verify } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import { contextConstructed, integer, octetString, oid, sequence, set } from './der.ts';
import { DerError, expectTag, members, readDer, readOid, TAG } from './der-read.ts';
import type { Authority } from './issue.ts';
import { keyObject, keyTypeOf } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { readCertificate, reread } from './read.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
/** A set, and certificates as `[0] IMPLICIT`. */
const SET = 0x31;
const CERTIFICATES = 0xa0;
const MOST_BYTES = 65_536;
const MOST_CERTIFICATES = 8;

/**
 * Signs content that stays apart. The signer's certificate and its issuers come along; its key is on P-256, as all are
 * that Postern signs bundles with. Throws `PkiError` for another one.
 */
export function writeDetached(content: Uint8Array, signer: Authority): Buffer {
  const key = keyObject(signer.key);
  if (keyTypeOf(key) !== 'ec:P-256') throw new PkiError('key_unsupported', 'signatures of bundles are made on P-256');
  const along = [signer.certificate, ...signer.chain].map((facts) => reread(facts).x509.raw);
  const { x509, der } = reread(signer.certificate);
  const serial = integer(Buffer.from(x509.serialNumber, 'hex'));
  const signerInfo = sequence(
    integer(1),
    sequence(der.issuer, serial),
    sequence(oid(SHA256)),
    sequence(oid(ECDSA_SHA256)),
    octetString(sign('sha256', content, key)),
  );
  const signedData = sequence(
    integer(1),
    set(sequence(oid(SHA256))),
    sequence(oid(DATA)),
    contextConstructed(0, ...along.toSorted((one, other) => Buffer.compare(one, other))),
    set(signerInfo),
  );
  return sequence(oid(SIGNED_DATA), contextConstructed(0, signedData));
}

/** Who signed, by the certificate that came along. Nothing says yet that anybody believes it. */
export interface DetachedSigner {
  readonly signer: X509Facts;
  readonly offered: readonly X509Facts[];
}

/** The signer of this very content; `null` where the signature is not of it. Throws `PkiError` for what is no signature. */
export function verifyDetached(content: Uint8Array, signature: Uint8Array): DetachedSigner | null {
  try {
    const { certificates, issuer, serial, value } = parse(signature);
    const offered = certificates.map(readCertificate);
    const signer = offered.find((facts) => {
      const { der, x509 } = reread(facts);
      return der.issuer.equals(issuer) && integer(Buffer.from(x509.serialNumber, 'hex')).equals(serial);
    });
    if (signer === undefined) throw new DerError('the certificate of the signer did not come along');
    const { x509 } = reread(signer);
    if (signer.keyType !== 'ec:P-256' || !verify('sha256', content, x509.publicKey, value)) return null;
    return { signer, offered: offered.filter((one) => one !== signer) };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('signature_unparsable', error.message);
    throw error;
  }
}

// Only what `writeDetached` writes: one signer, one algorithm, no attributes.
function parse(bytes: Uint8Array) {
  const [type, wrapped] = members(expectTag(readDer(bytes, MOST_BYTES), TAG.sequence));
  if (readOid(type) !== SIGNED_DATA) throw new DerError('not signed data');
  const [data] = members(expectTag(wrapped, 0xa0));
  const [, , content, certificates, signers] = members(expectTag(data, TAG.sequence));
  if (members(expectTag(content, TAG.sequence)).length !== 1) throw new DerError('the content is inside');
  const [signerInfo, ...others] = members(expectTag(signers, SET));
  if (others.length > 0) throw new DerError('more than one signer');
  const [, identifier, digest, algorithm, value, ...rest] = members(expectTag(signerInfo, TAG.sequence));
  if (rest.length > 0) throw new DerError('attributes are not used here');
  const [issuer, serial] = members(expectTag(identifier, TAG.sequence));
  const algorithms = [digest, algorithm].map((one) => readOid(members(expectTag(one, TAG.sequence))[0]));
  if (algorithms.join(' ') !== `${SHA256} ${ECDSA_SHA256}`) throw new DerError('another algorithm');
  return {
    certificates: members(expectTag(certificates, CERTIFICATES), MOST_CERTIFICATES).map(({ raw }) => raw),
    issuer: expectTag(issuer, TAG.sequence).raw,
    serial: expectTag(serial, TAG.integer).raw,
    value: expectTag(value, TAG.octetString).body,
  };
}
