import type { X509Facts } from '../domain/certificate.ts';
import { type GeneralName, generalName } from '../pki/general-name.ts';
import type { CertificateRequest } from '../pki/issue.ts';
import { PkiError } from '../pki/pki-error.ts';
import { reread } from '../pki/read.ts';
import { readAltNames, type ReadName } from '../pki/read-extensions.ts';

/** What a certificate says of its holder without a signature that counts: anybody can say the same. */
export type Claims = Pick<CertificateRequest, 'subject' | 'serial' | 'names'>;

// RFC 5280 §4.1.2.2.
const MOST_OCTETS = 20;

/** What this certificate says, for one that somebody else signs. What cannot be written again is left out. */
export function claimsOf(certificate: X509Facts): Claims {
  const { der } = reread(certificate);
  const serial = serialIn(certificate);
  const names = readAltNames(der).flatMap(writable);
  return { subject: der.subject, ...(serial === null ? {} : { serial }), ...(names.length === 0 ? {} : { names }) };
}

function serialIn({ serial }: X509Facts): Buffer | null {
  if (!/^[\da-f]+$/.test(serial)) return null;
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  const octets = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
  return octets.length <= MOST_OCTETS && octets.some((octet) => octet !== 0) ? octets : null;
}

function writable(read: ReadName): readonly GeneralName[] {
  if (read.kind !== 'dns' && read.kind !== 'uri') return [];
  const name = { kind: read.kind, value: read.text };
  try {
    generalName(name);
    return [name];
  } catch (error) {
    if (error instanceof PkiError) return [];
    throw error;
  }
}
