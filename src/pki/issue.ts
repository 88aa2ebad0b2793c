/** Issues certificates: a request and an issuer in, a signed certificate with its key and chain out. */

import { randomBytes } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import { type Instant, instant } from '../domain/ids.ts';
import { contextConstructed, integer, sequence, time } from './der.ts';
import { members, readBitString, readDer } from './der-read.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  nameConstraints,
  notACa,
  ocspAccess,
  type PermittedNames,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { type PrivateKey, publicSpki } from './keys.ts';
import { type DistinguishedName, distinguishedName } from './name.ts';
import { PkiError } from './pki-error.ts';
import type { Profile } from './profiles.ts';
import { readCertificate, reread } from './read.ts';
import { readSubjectKeyIdentifier } from './read-extensions.ts';
import { signatureAlgorithm, signed } from './signature.ts';

/** A certificate, its key, and its issuers, nearest first: what is sent along in TLS, so never a self-signed root. */
export interface Issued {
  readonly certificate: X509Facts;
  readonly key: PrivateKey;
  readonly chain: readonly X509Facts[];
}

/** Something that issues: a CA's certificate and key. */
export type Authority = Issued;

export interface Validity {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

export interface CertificateRequest {
  readonly profile: Profile;
  /** A name, or one in DER as it stands elsewhere. */
  readonly subject: DistinguishedName | Buffer;
  /** The subject's own key; only its public half goes into the certificate. */
  readonly key: PrivateKey;
  readonly validity: Validity;
  readonly names?: readonly GeneralName[];
  readonly permitted?: PermittedNames;
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
  /** Big-endian, 1 to 20 octets, top bit clear; 128 random bits where it is left out. */
  readonly serial?: Uint8Array;
}

/** How long before they are made certificates begin to count, in milliseconds: for clocks that run behind. */
export const BACKDATED = 3_600_000;

/** From an hour before `now`, for clocks that run behind, until `lifetime` milliseconds after it. */
export function validFor(now: Instant, lifetime: number): Validity {
  return { notBefore: instant(now - BACKDATED), notAfter: instant(now + lifetime) };
}

/** A CA: self-signed, or below `issuer`. With a leaf's profile and no issuer it makes a self-signed leaf. */
export function createAuthority(request: CertificateRequest & { readonly issuer?: Authority }): Authority {
  return issue(request.issuer ?? null, request);
}

/** A leaf under the authority. Throws `PkiError` for names, times and keys that cannot be certified. */
export function issueLeaf(authority: Authority, request: CertificateRequest): Issued {
  return issue(authority, request);
}

/** A leaf for a key that only its holder has: what a certification request asks for. */
export function issueForKey(
  authority: Authority,
  spki: Uint8Array,
  request: Omit<CertificateRequest, 'key'>,
): Omit<Issued, 'key'> {
  const certificate = readCertificate(
    signed(toBeSigned(authority, request, Buffer.from(spki), authority.key), authority.key),
  );
  return { certificate, chain: sentAlong(authority) };
}

function issue(issuer: Authority | null, request: CertificateRequest): Issued {
  const signer = issuer?.key ?? request.key;
  const body = toBeSigned(issuer, request, publicSpki(request.key), signer);
  const certificate = readCertificate(signed(body, signer));
  return { certificate, key: request.key, chain: issuer === null ? [] : sentAlong(issuer) };
}

/** RFC 5280 §4.1.2. */
function toBeSigned(
  issuer: Authority | null,
  request: Omit<CertificateRequest, 'key'>,
  spki: Buffer,
  signer: PrivateKey,
): Buffer {
  const { notBefore, notAfter } = request.validity;
  if (notAfter < notBefore) throw new PkiError('validity_invalid', 'it ends before it begins');
  const subject = Buffer.isBuffer(request.subject) ? request.subject : distinguishedName(request.subject);
  return sequence(
    contextConstructed(0, integer(2)),
    integer(checkedSerial(request.serial ?? randomSerial())),
    signatureAlgorithm(signer).identifier,
    issuer === null ? subject : reread(issuer.certificate).der.subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    spki,
    contextConstructed(3, sequence(...extensionsFor(issuer, request, spki))),
  );
}

function extensionsFor(
  issuer: Authority | null,
  request: Omit<CertificateRequest, 'key'>,
  spki: Buffer,
): readonly Buffer[] {
  const { profile, names = [], permitted, crlUrl, ocspUrl } = request;
  return [
    ...usages(profile),
    ...(names.length === 0 ? [] : [subjectAltName(names)]),
    ...(permitted === undefined ? [] : [nameConstraints(permitted)]),
    subjectKeyIdentifier(keyIdentifier(readBitString(members(readDer(spki))[1]))),
    ...(issuer === null ? [] : [authorityKeyIdentifier(identifierOf(issuer))]),
    ...(crlUrl === undefined ? [] : [crlDistributionPoint(crlUrl)]),
    ...(ocspUrl === undefined ? [] : [ocspAccess(ocspUrl)]),
  ];
}

// The same for every certificate of a profile.
const usagesOf = new WeakMap<Profile, readonly Buffer[]>();

function usages(profile: Profile): readonly Buffer[] {
  const known = usagesOf.get(profile);
  if (known !== undefined) return known;
  const { ca, keyUsage: usage, extendedKeyUsage: extended } = profile;
  const written = [
    ca === null ? notACa() : basicConstraints(ca.pathLength),
    ...(usage === null ? [] : [keyUsage(usage)]),
    ...(extended === null ? [] : [extendedKeyUsage(extended)]),
  ];
  usagesOf.set(profile, written);
  return written;
}

/** What the issuer calls its key (§4.2.1.1): an imported CA may have chosen another method than ours, or none. */
export function identifierOf(issuer: Authority): Buffer {
  const { der } = reread(issuer.certificate);
  return readSubjectKeyIdentifier(der) ?? keyIdentifier(der.publicKeyBits);
}

function sentAlong(issuer: Authority): readonly X509Facts[] {
  const { subject, issuer: above } = reread(issuer.certificate).der;
  return subject.equals(above) ? [] : [issuer.certificate, ...issuer.chain];
}

// The system is asked for the numbers of many certificates at once: a call costs more than the octets.
const SERIALS_AT_ONCE = 256;
const drawn: Buffer[] = [];

function randomSerial(): Buffer {
  const serial = drawn.pop() ?? drawSerials();
  // Positive, and never zero in the first octet either: always 16 octets long.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function drawSerials(): Buffer {
  const octets = randomBytes(16 * (SERIALS_AT_ONCE + 1));
  for (let at = 16; at < octets.length; at += 16) drawn.push(octets.subarray(at, at + 16));
  return octets.subarray(0, 16);
}

/** RFC 5280 §4.1.2.2. */
function checkedSerial(serial: Uint8Array): Uint8Array {
  const isPositive = (serial[0] ?? 0x80) < 0x80 && serial.some((octet) => octet !== 0);
  if (!isPositive || serial.length > 20) throw new PkiError('serial_invalid');
  return serial;
}
