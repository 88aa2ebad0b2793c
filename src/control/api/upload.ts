import { createSecureContext } from 'node:tls';
import type { X509Facts } from '../../domain/certificate.ts';
import type { Instant } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { importKey, keyMatches } from '../../pki/keys.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { loadCertificates, reread } from '../../pki/read.ts';
import type { Secret } from '../../pki/secret.ts';
import { isStrongKey, isStrongSignature } from '../../pki/signature-strength.ts';
import { isProblem } from '../../wire/commands.ts';
import { type Message, type RemarkCode, remark } from '../../wire/messages.ts';

const MONTH = 30 * 24 * 60 * 60 * 1000;

/** A certificate that can be used, with its key, and what its owner should know about it. */
export interface Upload {
  readonly kind: 'upload';
  readonly leaf: X509Facts;
  /** The issuers that came along, nearest first. */
  readonly chain: readonly X509Facts[];
  readonly key: Secret<string>;
  readonly warnings: readonly Message[];
}

/** What a certificate is to be shown as: by the edge to origins, or by the edge to visitors. */
export type Role = 'client' | 'server';

/** A certificate without its key, put in order and looked through. */
export type ReadChain = Pick<Upload, 'leaf' | 'chain' | 'warnings'> & { readonly kind: 'chain' };

interface RoleRules {
  readonly purpose: 'clientAuth' | 'serverAuth';
  readonly noUsage: RemarkCode;
  readonly cannotSign: RemarkCode;
  readonly notYetValid: RemarkCode;
  readonly selfSigned: RemarkCode;
  readonly noIssuer: RemarkCode;
}

const ROLES: Readonly<Record<Role, RoleRules>> = {
  client: {
    purpose: 'clientAuth',
    noUsage: 'no_extended_key_usage',
    cannotSign: 'cannot_sign',
    notYetValid: 'not_yet_valid',
    selfSigned: 'self_signed',
    noIssuer: 'no_issuer',
  },
  server: {
    purpose: 'serverAuth',
    noUsage: 'server_no_extended_key_usage',
    cannotSign: 'server_cannot_sign',
    notYetValid: 'server_not_yet_valid',
    selfSigned: 'server_self_signed',
    noIssuer: 'server_no_issuer',
  },
};

/**
 * Reads a certificate and its key. Refused is what can never work, with what to do instead; what works here but not
 * with every peer is accepted with a warning, as at Cloudflare.
 */
export function readUpload(
  body: { readonly certificate: string; readonly private_key: string },
  now: Instant,
  role: Role = 'client',
): Upload | Problem {
  const read = readChain(body.certificate, now, role);
  if (isProblem(read)) return read;
  const key = readKeyOf(body.private_key, read.leaf);
  return isProblem(key) ? key : { ...read, kind: 'upload', key };
}

/** Reads a private key that must belong to the certificate. */
export function readKeyOf(pem: string, leaf: X509Facts): Secret<string> | Problem {
  const key = readKey(pem);
  if (isProblem(key) || keyMatches(key, leaf)) return key;
  return problem('key_mismatch', `${leaf.keyType} certificate ${leaf.subject}`, '/private_key');
}

/** Reads a certificate with its issuers. */
export function readChain(certificate: string, now: Instant, role: Role): ReadChain | Problem {
  const certificates = readCertificates(certificate);
  if (isProblem(certificates)) return certificates;
  const [leaf, ...rest] = certificates;
  if (leaf === undefined) return problem('certificate_unreadable', '', '/certificate');
  const chain = inOrder(leaf, rest);
  const refused = unusable(leaf, rest, now) ?? (role === 'server' ? unservable(leaf, chain) : null);
  if (refused !== null) return refused;
  const rules = ROLES[role];
  const own = [...usageWarnings(leaf, rules), ...validityWarnings(leaf, now, rules), ...strengthWarnings(leaf)];
  return { kind: 'chain', leaf, chain, warnings: [...own, ...chainWarnings(leaf, chain, { sent: rest, rules })] };
}

/** One CA certificate, for the trust store. */
export function readTrustedCa(pem: string, now: Instant): X509Facts | Problem {
  const certificates = readCertificates(pem);
  if (isProblem(certificates)) return certificates;
  const [ca, ...others] = certificates;
  if (ca === undefined) return problem('certificate_unreadable', '', '/certificate');
  if (others.length > 0) {
    return problem('not_a_ca', `${certificates.length} certificates were sent, one at a time is taken`, '/certificate');
  }
  // What signed itself stands for itself alone, whether or not it says to be a CA.
  if (!ca.isCa && !signedBy(ca, ca)) return problem('not_a_ca', ca.subject, '/certificate');
  return now > ca.notAfter ? problem('certificate_unfit', `expired on ${day(ca.notAfter)}`, '/certificate') : ca;
}

function readCertificates(pem: string): readonly X509Facts[] | Problem {
  // A key pasted into the wrong field must not be stored as a certificate, nor answered.
  if (/PRIVATE KEY-----/.test(pem)) {
    return problem('certificate_unreadable', 'the field holds a private key', '/certificate');
  }
  return attempt(() => loadCertificates(pem), 'certificate_unreadable', '/certificate');
}

function readKey(pem: string): Secret<string> | Problem {
  return attempt(() => importKey(pem), 'key_unreadable', '/private_key');
}

// PkiError names the block and the kind of fault, never the content.
function attempt<T>(read: () => T, code: 'certificate_unreadable' | 'key_unreadable', pointer: string): T | Problem {
  try {
    return read();
  } catch (error) {
    if (error instanceof PkiError) return problem(code, error.message, pointer);
    throw error;
  }
}

function unusable(leaf: X509Facts, rest: readonly X509Facts[], now: Instant): Problem | null {
  if (leaf.isCa) {
    const later = rest.find(({ isCa }) => !isCa);
    const hint = later === undefined ? `${leaf.subject} is a CA` : `${later.subject} is one, but does not stand first`;
    return problem('missing_leaf', hint, '/certificate');
  }
  if (now > leaf.notAfter) return problem('certificate_unfit', `it expired on ${day(leaf.notAfter)}`, '/certificate');
  // OpenSSL loads no shorter RSA key at its default level, and TLS 1.3 signs with no other curves (RFC 8446 §4.2.3).
  // It judges the whole chain as it loads it, so a weak issuer would cost every pull.
  const weak = [leaf, ...rest].find(({ keyType }) => !isStrongKey(keyType));
  if (weak === undefined) return null;
  const whose = weak === leaf ? 'its key' : `the key of ${weak.subject}`;
  const rule = 'must be P-256, P-384, P-521, Ed25519, Ed448, or RSA of at least 2048 bits';
  return problem('certificate_unfit', `${whose} is ${weak.keyType}, ${rule}`, '/certificate');
}

// Every visitor's TLS library refuses a server certificate for another purpose; an origin may well accept a client's.
function unservable(leaf: X509Facts, chain: readonly X509Facts[]): Problem | null {
  const { extendedKeyUsage } = leaf;
  if (extendedKeyUsage?.includes('serverAuth') === false) {
    const rule = `it may serve for ${extendedKeyUsage.join(', ')} only, must include serverAuth`;
    return problem('certificate_unfit', rule, '/certificate');
  }
  if (leaf.subject !== leaf.issuer && !isStrongSignature(reread(leaf).der.signatureAlgorithm)) {
    return problem('certificate_unfit', 'it is signed with SHA-1 or MD5, must be with SHA-256', '/certificate');
  }
  try {
    createSecureContext({ cert: [leaf, ...chain].map(({ pem }) => pem).join('') });
    return null;
  } catch {
    return problem('certificate_unfit', 'OpenSSL does not serve it', '/certificate');
  }
}

function usageWarnings({ extendedKeyUsage, keyUsage }: X509Facts, rules: RoleRules): readonly Message[] {
  const found: Message[] = [];
  if (extendedKeyUsage === null) found.push(remark(rules.noUsage));
  else if (!extendedKeyUsage.includes(rules.purpose)) found.push(remark('no_client_auth', extendedKeyUsage.join(', ')));
  if (keyUsage !== null && !keyUsage.includes('digitalSignature')) {
    found.push(remark(rules.cannotSign, keyUsage.join(', ')));
  }
  return found;
}

function validityWarnings({ notBefore, notAfter }: X509Facts, now: Instant, rules: RoleRules): readonly Message[] {
  if (now < notBefore) return [remark(rules.notYetValid, `from ${new Date(notBefore).toISOString()}`)];
  return notAfter - now < MONTH ? [remark('expires_soon', `on ${day(notAfter)}`)] : [];
}

function strengthWarnings(leaf: X509Facts): readonly Message[] {
  // What it was signed with matters to whoever verifies; only the key matters to us.
  return isStrongSignature(reread(leaf).der.signatureAlgorithm) ? [] : [remark('weak_signature')];
}

function chainWarnings(
  leaf: X509Facts,
  chain: readonly X509Facts[],
  { sent, rules }: { readonly sent: readonly X509Facts[]; readonly rules: RoleRules },
): readonly Message[] {
  const found: Message[] = [];
  if (leaf.subject === leaf.issuer) found.push(remark(rules.selfSigned));
  else if (chain.length === 0) found.push(remark(rules.noIssuer, leaf.issuer));
  for (const stranger of sent.filter((certificate) => !chain.includes(certificate))) {
    found.push(remark('stranger_in_chain', stranger.subject));
  }
  const kept = sent.filter((certificate) => chain.includes(certificate));
  if (kept.some((certificate, index) => certificate !== chain[index])) found.push(remark('chain_reordered'));
  return found;
}

/** From the leaf upward, by names and signatures: what leads nowhere is left out. */
function inOrder(leaf: X509Facts, sent: readonly X509Facts[]): readonly X509Facts[] {
  const chain: X509Facts[] = [];
  let tip = leaf;
  for (;;) {
    const below = tip;
    const issuer = sent.find((candidate) => candidate.isCa && !chain.includes(candidate) && signedBy(below, candidate));
    if (issuer === undefined) return chain;
    chain.push(issuer);
    tip = issuer;
  }
}

function signedBy(subject: X509Facts, issuer: X509Facts): boolean {
  const [below, above] = [reread(subject), reread(issuer)];
  return below.der.issuer.equals(above.der.subject) && below.x509.verify(above.x509.publicKey);
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
