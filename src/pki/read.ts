/** Certificates, from bytes to facts. */

import { createHash, X509Certificate } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import { fingerprint } from '../domain/ids.ts';
import { type CertificateDer, readCertificateDer } from './certificate-der.ts';
import { DerError } from './der-read.ts';
import { keyTypeOf, keyTypeOfAlgorithm } from './keys.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { readAltNames, readBasicConstraints, readExtendedKeyUsage, readKeyUsage } from './read-extensions.ts';

/** A certificate in all three views: what it says, how it is built, and OpenSSL's handle on it. */
export interface ReadCertificate {
  readonly facts: X509Facts;
  readonly der: CertificateDer;
  readonly x509: X509Certificate;
}

// Path building sees the same anchors at every handshake, and a leaf right after it was read. Bounded, because an
// OpenSSL handle takes kilobytes and a store may hold certificates by the hundred thousand. Only speed depends on it.
const MAX_REMEMBERED = 256;
const remembered = new Map<string, ReadCertificate>();

/** The facts of one certificate in DER. Throws `PkiError`. */
export function readCertificate(der: Uint8Array): X509Facts {
  return inAllViews(der, null).facts;
}

/**
 * The certificates of a PEM text, at least one and in their order. Blocks of other kinds, and texts that cannot be
 * read, are a `PkiError` that names the block.
 */
export function loadCertificates(pem: string): readonly X509Facts[] {
  const blocks = readPem(pem);
  if (blocks.length === 0) throw new PkiError('pem_empty');
  return blocks.map(({ label, der }, index) => {
    if (label !== 'CERTIFICATE') throw new PkiError('pem_unexpected_block', `CERTIFICATE, not ${label}`, index + 1);
    return inAllViews(der, index + 1).facts;
  });
}

/** Facts that came over a wire are read again from their PEM: what counts is the certificate, not what is said of it. */
export function reread(facts: X509Facts): ReadCertificate {
  const known = remembered.get(facts.pem);
  if (known !== undefined) return remember(known);
  const [block] = readPem(facts.pem);
  if (block === undefined) throw new PkiError('pem_empty');
  return inAllViews(block.der, null);
}

function remember(read: ReadCertificate): ReadCertificate {
  const { pem } = read.facts;
  remembered.delete(pem);
  remembered.set(pem, read);
  const oldest = remembered.size > MAX_REMEMBERED ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
  return read;
}

function inAllViews(input: Uint8Array, block: number | null): ReadCertificate {
  const pem = writePem('CERTIFICATE', input);
  // An issuer comes along with each of very many leaves: all of them share what was read first.
  const known = remembered.get(pem);
  if (known !== undefined) return remember(known);
  // The views below point into these bytes and outlive the call: nobody else may write to them.
  const bytes = Buffer.from(input);
  try {
    const x509 = new X509Certificate(bytes);
    const der = readCertificateDer(bytes);
    return remember({ facts: factsOf(x509, der, pem), der, x509 });
  } catch (error) {
    // OpenSSL's messages are of the kind "asn1 encoding routines::wrong tag": no help to the person with the file.
    throw new PkiError('certificate_unparsable', error instanceof DerError ? error.message : '', block);
  }
}

function factsOf(x509: X509Certificate, der: CertificateDer, pem: string): X509Facts {
  const print = fingerprint(x509.fingerprint256);
  if (print === null) throw new DerError('no fingerprint');
  const names = readAltNames(der);
  // Throws where the key is not one, such as a point beside its curve.
  const { publicKey } = x509;
  return {
    fingerprint: print,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    serial: x509.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    notBefore: der.notBefore,
    notAfter: der.notAfter,
    isCa: readBasicConstraints(der)?.ca ?? false,
    keyUsage: readKeyUsage(der),
    extendedKeyUsage: readExtendedKeyUsage(der),
    dnsNames: names.flatMap((name) => (name.kind === 'dns' ? [name.text] : [])),
    uris: names.flatMap((name) => (name.kind === 'uri' ? [name.text] : [])),
    keyType: keyTypeOfAlgorithm(der.keyAlgorithm) ?? keyTypeOf(publicKey),
    spki: createHash('sha256').update(der.spki).digest('hex'),
    pem,
  };
}

// Node escapes commas and line feeds inside a value, so the joined line stays unambiguous. An empty name is undefined.
function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
