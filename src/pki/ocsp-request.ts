/** Requests of the Online Certificate Status Protocol, read (RFC 6960 §4.1). Their signatures, which nobody makes, are not. */

import { createHash } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import { readExtensionList } from './certificate-der.ts';
import { type DerElement, DerError, expectTag, members, readDer, readOid, readSmallInteger, TAG } from './der-read.ts';
import { OCSP_NONCE } from './oids.ts';
import { reread } from './read.ts';

/** What is asked about one certificate. */
export interface AskedCertificate {
  /** The CertID as it came: the answer repeats it octet for octet. */
  readonly certId: Buffer;
  /** How the issuer is named; `null` for a digest that nobody uses. */
  readonly digest: 'sha1' | 'sha256' | null;
  readonly issuerName: Buffer;
  readonly issuerKey: Buffer;
  /** As in `X509Facts`: hex without leading zeros. */
  readonly serial: string;
}

export interface OcspRequest {
  readonly certificates: readonly AskedCertificate[];
  /** What makes an answer one to this question (RFC 9654). */
  readonly nonce: Buffer | null;
}

/** More than any request needs that somebody makes by himself. */
export const MAX_OCSP_REQUEST = 4096;
// RFC 5019 §2.1.1 has one. Every certificate costs a search.
const MAX_CERTIFICATES = 10;
/** RFC 9654 §2.1. */
const MAX_NONCE = 128;
const MAX_SERIAL = 21;

const DIGESTS: Readonly<Record<string, 'sha1' | 'sha256'>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};

/** The request, or `null` where the bytes are none. */
export function readOcspRequest(der: Uint8Array): OcspRequest | null {
  try {
    const [body, ...signature] = members(expectTag(readDer(der, MAX_OCSP_REQUEST), TAG.sequence));
    if (signature.length > 1 || (signature[0]?.tag ?? 0xa0) !== 0xa0) throw new DerError('more than a request');
    return readBody(expectTag(body, TAG.sequence));
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** Whether the certificate asked about is one that this CA would have issued, going by what is said of its issuer. */
export function namesIssuer({ digest, issuerName, issuerKey }: AskedCertificate, ca: X509Facts): boolean {
  if (digest === null) return false;
  const { subject, publicKeyBits } = reread(ca).der;
  const hashed = (bytes: Buffer) => createHash(digest).update(bytes).digest();
  return hashed(subject).equals(issuerName) && hashed(publicKeyBits).equals(issuerKey);
}

function readBody(body: DerElement): OcspRequest {
  const fields = [...members(body)];
  const [version] = fields[0]?.tag === 0xa0 ? members(fields[0]) : [];
  if (version !== undefined) {
    // v1 is the default, which DER leaves out; but there are clients that say it.
    if (readSmallInteger(version) !== 0) throw new DerError('another version');
    fields.shift();
  }
  // Who asks does not matter.
  if (fields[0]?.tag === 0xa1) fields.shift();
  const [list, extensions, ...rest] = fields;
  if (rest.length > 0) throw new DerError('more than a request');
  const asked = members(expectTag(list, TAG.sequence));
  if (asked.length === 0 || asked.length > MAX_CERTIFICATES) throw new DerError('no certificate, or too many');
  return { certificates: asked.map(readAsked), nonce: extensions === undefined ? null : readNonce(extensions) };
}

function readAsked(request: DerElement): AskedCertificate {
  const [certId, single] = members(expectTag(request, TAG.sequence));
  if (single !== undefined) refuseCritical(single, 0xa0);
  const [algorithm, name, key, serial] = members(expectTag(certId, TAG.sequence));
  const [id] = members(expectTag(algorithm, TAG.sequence));
  const { body: number } = expectTag(serial, TAG.integer);
  if (number.length === 0 || number.length > MAX_SERIAL) throw new DerError('no serial number');
  return {
    certId: expectTag(certId, TAG.sequence).raw,
    digest: DIGESTS[readOid(id)] ?? null,
    issuerName: expectTag(name, TAG.octetString).body,
    issuerKey: expectTag(key, TAG.octetString).body,
    serial: number.toString('hex').replace(/^0+(?=.)/, ''),
  };
}

function readNonce(wrapper: DerElement): Buffer | null {
  const nonce = refuseCritical(wrapper, 0xa2).get(OCSP_NONCE);
  if (nonce === undefined) return null;
  const { body } = expectTag(nonce.value, TAG.octetString);
  if (body.length === 0 || body.length > MAX_NONCE) throw new DerError('a nonce without length, or too long');
  return body;
}

/** The extensions; whoever marks one as critical that nobody here knows must not be answered as if it were heeded. */
function refuseCritical(wrapper: DerElement, tag: number) {
  const [list] = members(expectTag(wrapper, tag));
  const extensions = readExtensionList(expectTag(list, TAG.sequence));
  for (const [id, { critical }] of extensions) {
    if (critical && id !== OCSP_NONCE) throw new DerError('a critical extension');
  }
  return extensions;
}
