/** Certification paths: from a leaf over what was sent along to a CA that is believed (RFC 5280 §6). */

import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { DerError } from './der-read.ts';
import { namesPermitted } from './name-constraints.ts';
import { EXTENSION } from './oids.ts';
import { PkiError } from './pki-error.ts';
import { type ReadCertificate, reread } from './read.ts';
import { readBasicConstraints, readNameConstraints } from './read-extensions.ts';
import { isStrongKey, isStrongSignature } from './signature-strength.ts';

/** Why no path holds: code → sentence. The later a row stands, the less the caller learns from it. */
export const PATH_FAILURES = {
  expired: 'A certificate of the path has expired',
  not_yet_valid: 'A certificate of the path is not valid yet',
  leaf_is_a_ca: 'The certificate is itself a CA',
  wrong_usage: 'The (extended) key usage of a certificate does not allow this purpose',
  not_a_ca: 'A certificate of the path is used as CA without being one',
  path_too_long: 'There are more intermediates than a CA of the path, or the limit of six certificates, allows',
  name_not_permitted: 'A certificate carries a name that a CA above it may not certify',
  unknown_critical_extension: 'A certificate has a critical extension that is not understood here',
  weak_key: 'A key of the path is too short',
  weak_signature: 'A signature of the path uses a digest that can be forged',
  bad_signature: 'A CA of the right name has not signed the certificate',
  too_many_certificates: 'More certificates were offered than a path can need',
  unparsable: 'A certificate cannot be read',
  unknown_ca: 'No trusted CA of the name of the issuer is known',
} as const satisfies Record<string, string>;

export type PathFailure = keyof typeof PATH_FAILURES;

/** The path, leaf first and anchor last; or why there is none, and the certificate at fault. */
export type VerifiedPath =
  | { readonly kind: 'verified'; readonly path: readonly X509Facts[] }
  | { readonly kind: 'failed'; readonly because: PathFailure; readonly certificate: X509Facts };

export interface PathRules {
  /** What the peer sent beside its leaf, in any order; not believed. */
  readonly offered: readonly X509Facts[];
  /** The CAs that are believed. Their validity and constraints count too. */
  readonly anchors: readonly X509Facts[];
  /** What the leaf is used as. */
  readonly purpose: 'client' | 'server' | 'document';
}

type Path = readonly ReadCertificate[];

interface Candidates {
  readonly anchors: readonly ReadCertificate[];
  readonly offered: readonly ReadCertificate[];
}

interface Candidate {
  readonly issuer: ReadCertificate;
  readonly isAnchor: boolean;
}

type Failure = Extract<VerifiedPath, { kind: 'failed' }>;

const MAX_PATH = 6;
const MAX_OFFERED = 16;
// Ten times what an honest peer costs; a peer could otherwise make us check the same names crosswise.
const MAX_SIGNATURES = 32;
const PURPOSE_NAME = { client: 'clientAuth', server: 'serverAuth', document: 'documentSigning' } as const;
// RFC 8446 §4.4.2.2: a client signs; a server may still receive what was encrypted to it in TLS 1.2.
const HANDSHAKE_USAGES = {
  client: ['digitalSignature'],
  document: ['digitalSignature'],
  server: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
} as const;
const PRECEDENCE = Object.keys(PATH_FAILURES);
const UNDERSTOOD: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.extendedKeyUsage,
]);

/**
 * The first path that leads from the leaf to an anchor and holds throughout. Names are compared octet for octet and
 * every link's signature is checked. Work is bounded whatever the peer offers. Never throws for what a peer sent.
 */
export function verifyPath(leaf: X509Facts, rules: PathRules, now: Instant): VerifiedPath {
  if (rules.offered.length > MAX_OFFERED) return failed('too_many_certificates', leaf);
  let current = leaf;
  const read = (facts: X509Facts): ReadCertificate => {
    current = facts;
    return reread(facts);
  };
  try {
    const start = read(leaf);
    if (start.facts.isCa) return failed('leaf_is_a_ca', leaf);
    const candidates = { anchors: rules.anchors.map(read), offered: rules.offered.map(read) };
    return search(start, candidates, (path) => checkPath(path, rules.purpose, now));
  } catch (error) {
    if (error instanceof PkiError || error instanceof DerError) return failed('unparsable', current);
    throw error;
  }
}

/** What would keep every path that ends at this anchor from holding; `null` for nothing. Its beginning may lie ahead. */
export function anchorFault(anchor: X509Facts, purpose: PathRules['purpose'], now: Instant): PathFailure | null {
  try {
    const read = reread(anchor);
    if (now > read.der.notAfter) return 'expired';
    return wrongWithAny(read, { purpose, isAnchor: true }) ?? wrongWithCa(read, []);
  } catch (error) {
    if (error instanceof PkiError || error instanceof DerError) return 'unparsable';
    throw error;
  }
}

/** Whether a certificate was signed by the key of another one, and names it as its issuer. Says nothing of validity. */
export function isSignedBy(certificate: X509Facts, issuer: X509Facts): boolean {
  const [below, above] = [reread(certificate), reread(issuer)];
  return above.der.subject.equals(below.der.issuer) && below.x509.verify(above.x509.publicKey);
}

/**
 * The first CA from which no path among these leads to a root; `null` where each has one. OpenSSL, and so most servers,
 * believes in paths that end at a root alone.
 */
export function withoutRoot(cas: readonly X509Facts[]): X509Facts | null {
  const rooted = new Set(cas.filter((ca) => isSignedBy(ca, ca)));
  for (let before = -1; before !== rooted.size; ) {
    before = rooted.size;
    for (const ca of cas) {
      // A further certificate of the same CA, by another issuer, needs no path of its own.
      const isBelow = [...rooted].some((above) => isSameCa(ca, above) || isSignedBy(ca, above));
      if (isBelow) rooted.add(ca);
    }
  }
  return cas.find((ca) => !rooted.has(ca)) ?? null;
}

function isSameCa(one: X509Facts, other: X509Facts): boolean {
  return one.spki === other.spki && one.subject === other.subject;
}

/** Depth first without recursion: anchors are tried before what the peer sent. */
function search(start: ReadCertificate, candidates: Candidates, check: (path: Path) => VerifiedPath): VerifiedPath {
  let best = failed('unknown_ca', start.facts);
  let signatures = 0;
  const pending: Path[] = [[start]];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const tip = path.at(-1) ?? start;
    for (const { issuer, isAnchor } of issuersOf(tip, path, candidates)) {
      if (signatures === MAX_SIGNATURES) return moreTelling(best, failed('too_many_certificates', start.facts));
      signatures += 1;
      const longer = [...path, issuer];
      const outcome = extend(longer, isAnchor, check);
      if (outcome === 'go on') pending.push(longer);
      else if (outcome.kind === 'verified') return outcome;
      else best = moreTelling(best, outcome);
    }
  }
  return best;
}

function extend(path: Path, isAnchor: boolean, check: (path: Path) => VerifiedPath): VerifiedPath | 'go on' {
  const [issuer, subject] = path.toReversed();
  if (issuer === undefined || subject === undefined) return 'go on';
  if (!subject.x509.verify(issuer.x509.publicKey)) return failed('bad_signature', subject.facts);
  if (isAnchor) return check(path);
  return path.length < MAX_PATH ? 'go on' : failed('path_too_long', issuer.facts);
}

function* issuersOf(tip: ReadCertificate, path: Path, { anchors, offered }: Candidates): Generator<Candidate> {
  const seen = new Set(path.map(({ facts }) => facts.fingerprint));
  for (const [list, isAnchor] of [[anchors, true] as const, [offered, false] as const]) {
    for (const issuer of list) {
      if (!issuer.der.subject.equals(tip.der.issuer) || seen.has(issuer.facts.fingerprint)) continue;
      seen.add(issuer.facts.fingerprint);
      yield { issuer, isAnchor };
    }
  }
}

/** RFC 5280 §6.1.3 and §6.1.4, on a path whose names and signatures fit. */
function checkPath(path: Path, purpose: PathRules['purpose'], now: Instant): VerifiedPath {
  for (const [index, certificate] of path.entries()) {
    const because = wrongWith(certificate, index, path, purpose) ?? outsideValidity(certificate, now);
    if (because !== null) return failed(because, certificate.facts);
  }
  return { kind: 'verified', path: path.map(({ facts }) => facts) };
}

function wrongWith(
  certificate: ReadCertificate,
  index: number,
  path: Path,
  purpose: PathRules['purpose'],
): PathFailure | null {
  try {
    const because = wrongWithAny(certificate, { purpose, isAnchor: index === path.length - 1 });
    if (because !== null) return because;
    return index === 0 ? wrongWithLeaf(certificate.facts, purpose) : wrongWithCa(certificate, path.slice(0, index));
  } catch (error) {
    if (error instanceof DerError) return 'unparsable';
    throw error;
  }
}

function wrongWithAny(
  { der, facts }: ReadCertificate,
  { purpose, isAnchor }: { readonly purpose: PathRules['purpose']; readonly isAnchor: boolean },
): PathFailure | null {
  if ([...der.extensions].some(([id, { critical }]) => critical && !UNDERSTOOD.has(id))) {
    return 'unknown_critical_extension';
  }
  if (!isStrongKey(facts.keyType)) return 'weak_key';
  // An anchor is believed for its key, not for the signature it put on itself.
  if (!isAnchor && !isStrongSignature(der.signatureAlgorithm)) return 'weak_signature';
  return facts.extendedKeyUsage?.includes(PURPOSE_NAME[purpose]) === false ? 'wrong_usage' : null;
}

function wrongWithLeaf({ keyUsage, extendedKeyUsage }: X509Facts, purpose: PathRules['purpose']): PathFailure | null {
  // Who may sign documents is told: the CAs of a bundle also certify servers and callers, some for no stated purpose.
  if (purpose === 'document' && extendedKeyUsage === null) return 'wrong_usage';
  return keyUsage === null || HANDSHAKE_USAGES[purpose].some((usage) => keyUsage.includes(usage))
    ? null
    : 'wrong_usage';
}

function wrongWithCa({ der, facts }: ReadCertificate, below: Path): PathFailure | null {
  const constraints = readBasicConstraints(der);
  if (constraints?.ca !== true || facts.keyUsage?.includes('keyCertSign') === false) return 'not_a_ca';
  // §4.2.1.9: self-issued intermediates (a CA's own roll-over) do not count.
  const intermediates = below.slice(1).filter((certificate) => !isSelfIssued(certificate));
  if (constraints.pathLength !== null && intermediates.length > constraints.pathLength) return 'path_too_long';
  const names = readNameConstraints(der);
  // §6.1.3 (b): self-issued certificates are exempt, except the leaf.
  const bound = names === null ? [] : below.filter((certificate, index) => index === 0 || !isSelfIssued(certificate));
  return names === null || bound.every((certificate) => namesPermitted(certificate.der, names))
    ? null
    : 'name_not_permitted';
}

function outsideValidity({ der }: ReadCertificate, now: Instant): PathFailure | null {
  if (now < der.notBefore) return 'not_yet_valid';
  return now > der.notAfter ? 'expired' : null;
}

function isSelfIssued({ der }: ReadCertificate): boolean {
  return der.subject.equals(der.issuer);
}

function moreTelling(one: Failure, other: Failure): Failure {
  return PRECEDENCE.indexOf(other.because) < PRECEDENCE.indexOf(one.because) ? other : one;
}

function failed(because: PathFailure, certificate: X509Facts): Failure {
  return { kind: 'failed', because, certificate };
}
