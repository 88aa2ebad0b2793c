import { X509Certificate } from 'node:crypto';
import type { X509Facts } from '../../domain/certificate.ts';
import type { FindingCode } from '../../doctor/diagnosis/findings.ts';
import { isSignedBy } from '../../pki/chain.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { readCertificate } from '../../pki/read.ts';
import { isStrongKey } from '../../pki/signature-strength.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { isPublicAuthority, isSystemBundle } from './public-authorities.ts';

/** A file of authorities that callers are trusted by, opened; or why it is of no use. */
export type TrustedFile =
  | {
      readonly kind: 'read';
      readonly path: string;
      /** Those that could be read here, in their order. */
      readonly certificates: readonly X509Facts[];
      /** How many stand in the file. */
      readonly count: number;
    }
  /** It may well be there for the server: whoever looks here may not read it, or looks at another machine's configuration. */
  | { readonly kind: 'out_of_reach'; readonly path: string; readonly code: string }
  | {
      readonly kind: 'unusable';
      readonly path: string;
      readonly why: 'missing' | 'empty' | 'broken';
      /** For people: what stands there instead. */
      readonly detail: string;
    };

/** How a server uses such a file. */
export interface TrustUse {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** OpenSSL wants a path to a self-issued certificate; Go takes every certificate of the file for the end of a path. */
  readonly ends: 'self_issued' | 'any';
}

/** One thing that is wrong with a trusted file, and what follows for a lock that uses it. */
export interface TrustFault {
  readonly code: FindingCode;
  readonly detail: string;
  /** No certificate of the edge can pass. */
  readonly keepsEdgeOut: boolean;
  /** Strangers can get a certificate that passes. */
  readonly letsStrangersIn: boolean;
}

// As OpenSSL reads: the boundaries stand alone on their lines, with nothing in front. A byte order mark is something.
const BLOCK =
  /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[ \t\r]*$([\s\S]*?)^-----END (?:X509 |TRUSTED )?CERTIFICATE-----[ \t\r]*$/gm;
const BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const MAX_READ = 2_000;

/** Opens a file of authorities. */
export function readTrustedFile(path: string, source: Pick<ConfigSource, 'read'>): TrustedFile {
  const read = source.read(path);
  if ('text' in read) return trustedText(path, read.text);
  const { code } = read;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'unusable', path, why: 'missing', detail: 'not there' };
  if (code === 'EISDIR') return broken(path, 'it is a directory');
  if (code === 'EFBIG') return broken(path, 'it is larger than any such file');
  return { kind: 'out_of_reach', path, code };
}

/** The authorities of a text, wherever it came from; `path` names it. */
export function trustedText(path: string, text: string): TrustedFile {
  const blocks = [...text.matchAll(BLOCK)].map(([, base64 = '']) => base64);
  if (blocks.length === 0) return withoutCertificate(path, text);
  if (blocks.length !== text.match(BEGIN)?.length)
    return broken(path, 'a line that begins or ends a certificate does not stand alone');
  const certificates: X509Facts[] = [];
  for (const [index, base64] of blocks.slice(0, MAX_READ).entries()) {
    const certificate = certificateIn(base64);
    if (certificate === 'broken') return broken(path, `certificate ${index + 1} cannot be read`);
    if (certificate !== 'beyond') certificates.push(certificate);
  }
  return { kind: 'read', path, certificates, count: blocks.length };
}

// One that OpenSSL reads and we do not is no fault of the file: it is only not judged.
function certificateIn(base64: string): X509Facts | 'broken' | 'beyond' {
  const body = base64.replaceAll(/\s/g, '');
  if (body.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return 'broken';
  const der = Buffer.from(body, 'base64');
  try {
    return readCertificate(der);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return opens(der) ? 'beyond' : 'broken';
  }
}

function opens(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length > 0;
  } catch {
    return false;
  }
}

function withoutCertificate(path: string, text: string): TrustedFile {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'unusable', path, why: 'empty', detail: 'the file is empty' };
  if (/^<(?:!doctype|html|\?xml)/i.test(trimmed)) return broken(path, 'it is a web page');
  if (text.startsWith('\x30\x82')) return broken(path, 'it is DER, not PEM');
  if (text.search(BEGIN) >= 0) return broken(path, 'the lines that begin and end a certificate do not stand alone');
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (label !== undefined) return broken(path, `it holds ${label.toLowerCase()}, and no certificate`);
  return broken(path, 'it is no PEM');
}

function broken(path: string, detail: string): TrustedFile {
  return { kind: 'unusable', path, why: 'broken', detail };
}

/** What is wrong with a file of authorities, for a server that uses it so. Pure. */
export function judgeTrustedFile(file: TrustedFile, { now, ends }: TrustUse): readonly TrustFault[] {
  if (file.kind === 'out_of_reach') {
    const detail = `${file.path} is where the system keeps the authorities of the web`;
    return isSystemBundle(file.path) ? [fault('public_authorities', detail, 'letsStrangersIn')] : [];
  }
  if (file.kind === 'unusable') {
    const code = file.why === 'missing' ? 'ca_file_missing' : 'ca_file_unusable';
    return [fault(code, `${file.path}: ${file.detail}`, 'keepsEdgeOut')];
  }
  return [
    ...publicFaults(file),
    ...cloudflareFaults(file),
    ...expiryFaults(file, now, ends),
    ...(ends === 'self_issued' ? endFaults(file) : []),
    ...file.certificates
      .filter(({ isCa, keyType }) => isCa && !isStrongKey(keyType))
      .map(({ subject, keyType }) => fault('weak_key', `${shortName(subject)} has ${keyType}`)),
  ];
}

type ReadFile = TrustedFile & { readonly kind: 'read' };

/** More than this, and it is a collection of authorities rather than those of one edge. */
const MANY = 20;

function publicFaults({ path, certificates, count }: ReadFile): readonly TrustFault[] {
  const known = certificates.filter(isPublicAuthority);
  // In such a place some keep one certificate of their own.
  if (known.length === 0 && !(isSystemBundle(path) && count > MANY)) {
    return count > MANY ? [fault('public_authorities', `${path} holds ${count} authorities`)] : [];
  }
  const names = known.slice(0, 3).map(({ subject }) => shortName(subject));
  const more =
    known.length > names.length ? `${names.join(', ')} and ${known.length - names.length} more` : names.join(', ');
  return [fault('public_authorities', `${path} holds ${count}: ${more || 'those of the system'}`, 'letsStrangersIn')];
}

const ORIGIN_CA = /Origin SSL\b.*Certificate Authority/i;
const ORIGIN_PULL = /\borigin-pull\.cloudflare\.net\b/i;

/** Whether it certifies origins' servers, for every customer of the edge. */
function isOriginCa({ subject }: X509Facts): boolean {
  return ORIGIN_CA.test(subject);
}

function cloudflareFaults({ certificates }: ReadFile): readonly TrustFault[] {
  const origin = certificates.filter(isOriginCa);
  const shared = certificates.filter(({ subject }) => ORIGIN_PULL.test(subject));
  return [
    ...origin.slice(0, 1).map(({ subject }) => {
      const alone = origin.length === certificates.length;
      return fault('origin_ca', shortName(subject), ...(alone ? (['keepsEdgeOut'] as const) : []));
    }),
    ...shared.slice(0, 1).map(({ subject }) => fault('shared_identity', shortName(subject))),
  ];
}

const SOON = 30 * 86_400_000;

function expiryFaults({ certificates }: ReadFile, now: number, ends: TrustUse['ends']): readonly TrustFault[] {
  const anchors = certificates.filter((one) => ends === 'any' || isSelfIssued(one));
  const left = anchors.filter(({ notAfter, notBefore }) => notBefore <= now && now <= notAfter);
  const [first] = anchors;
  if (first !== undefined && left.length === 0) {
    const isEarly = anchors.some(({ notBefore }) => notBefore > now);
    const text = isEarly ? `begins ${day(first.notBefore)}` : `ended ${day(first.notAfter)}`;
    return [fault('authority_expired', `${shortName(first.subject)} ${text}`, 'keepsEdgeOut')];
  }
  // Where another one lasts, a rotation is under way.
  return left.some(({ notAfter }) => notAfter - now > SOON)
    ? []
    : left
        .slice(0, 1)
        .map(({ subject, notAfter }) => fault('authority_ending', `${shortName(subject)} ends ${day(notAfter)}`));
}

// A self-signed certificate is its own authority, whatever it says of itself; the issuer of all others must be there too.
function endFaults({ certificates, count }: ReadFile): readonly TrustFault[] {
  if (certificates.length < count || certificates.some(isSelfIssued)) return [];
  return certificates.slice(0, 1).map(({ subject, isCa }) => {
    const kind = isCa ? 'an intermediate' : "somebody's certificate and no authority";
    return fault('leaf_as_authority', `${shortName(subject)} is ${kind}`, 'keepsEdgeOut');
  });
}

/** The authority of callers that also vouches for the server: whoever has a certificate of it may be let in. */
export function sharedWithServer(file: TrustedFile, server: readonly X509Facts[]): TrustFault | null {
  if (file.kind !== 'read') return null;
  const shared = file.certificates.find(
    (ca) =>
      !isPublicAuthority(ca) && !isOriginCa(ca) && server.some((one) => one.spki === ca.spki || isIssuedBy(one, ca)),
  );
  return shared === undefined
    ? null
    : fault('shared_authority', `${shortName(shared.subject)} also issued the server's certificate`);
}

/** How many intermediates stand between a caller and the root, as far as the file holds them. */
export function intermediatesIn(file: TrustedFile): number {
  if (file.kind !== 'read') return 0;
  const below = file.certificates.filter((one) => one.isCa && !isSelfIssued(one));
  const length = (one: X509Facts, seen: readonly X509Facts[]): number => {
    const above = below.filter((other) => !seen.includes(other) && isIssuedBy(one, other));
    return 1 + Math.max(0, ...above.map((other) => length(other, [...seen, other])));
  };
  return below.length > MANY ? 0 : Math.max(0, ...below.map((one) => length(one, [one])));
}

function isSelfIssued({ subject, issuer }: X509Facts): boolean {
  return subject === issuer;
}

function isIssuedBy(one: X509Facts, ca: X509Facts): boolean {
  if (one.issuer !== ca.subject) return false;
  try {
    return isSignedBy(one, ca);
  } catch {
    // A key that cannot have made this signature.
    return false;
  }
}

const NAME = 100;

/** The common name, or what there is. */
export function shortName(subject: string): string {
  const name = /(?:^|, )CN=((?:\\.|[^,\\])*)/.exec(subject)?.[1] ?? subject;
  return name.length > NAME ? `${name.slice(0, NAME)}…` : name;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function fault(
  code: FindingCode,
  detail: string,
  ...follows: readonly ('keepsEdgeOut' | 'letsStrangersIn')[]
): TrustFault {
  return {
    code,
    detail,
    keepsEdgeOut: follows.includes('keepsEdgeOut'),
    letsStrangersIn: follows.includes('letsStrangersIn'),
  };
}
