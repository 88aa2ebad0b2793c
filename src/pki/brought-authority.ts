/** Whether a CA that its owner brings can issue the identities of a zone, and what is in the way where it cannot. */

import type { X509Facts } from '../domain/certificate.ts';
import type { Hostname, Instant } from '../domain/ids.ts';
import { DerError } from './der-read.ts';
import { PATH_FAILURES, verifyPath } from './chain.ts';
import { keyMatches, keyObject, type PrivateKey } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { type ReadCertificate, reread } from './read.ts';
import { readBasicConstraints } from './read-extensions.ts';
import { signatureAlgorithm } from './signature.ts';
import { isStrongKey, isStrongSignature } from './signature-strength.ts';
import { issueIdentity } from './zone-authority.ts';

/** An intermediate with its key, and the root that has signed it. */
export interface BroughtAuthority {
  readonly root: X509Facts;
  readonly intermediate: X509Facts;
  readonly key: PrivateKey;
}

/** Whose identities it is to issue. */
export interface IssuesFor {
  readonly uri: string;
  readonly zoneName: Hostname;
  readonly wildcard: Hostname;
}

/** What is wrong, and with which of the three. */
export interface BroughtFault {
  readonly with: 'root' | 'intermediate' | 'key';
  readonly because: string;
}

const DAY = 86_400_000;
const LEAST_DAYS = 30;

/** The first thing that is wrong; `null` for nothing. The last check issues what will be issued, and verifies that. */
export async function broughtFault(
  brought: BroughtAuthority,
  issues: IssuesFor,
  now: Instant,
): Promise<BroughtFault | null> {
  const { root, intermediate, key } = brought;
  try {
    return (
      unfitCa('root', root, now) ??
      unfitCa('intermediate', intermediate, now) ??
      misplaced(reread(root), reread(intermediate)) ??
      unfitKey(key, intermediate) ??
      (await unverified(brought, issues, now))
    );
  } catch (error) {
    if (error instanceof DerError || error instanceof PkiError) {
      return { with: 'intermediate', because: error.message };
    }
    throw error;
  }
}

function unfitCa(which: 'root' | 'intermediate', facts: X509Facts, now: Instant): BroughtFault | null {
  const fault = (because: string) => ({ with: which, because });
  const { isCa, keyUsage, extendedKeyUsage, notAfter, notBefore, keyType } = facts;
  if (!isCa) return fault('it is not a CA (basicConstraints must say CA:TRUE)');
  for (const usage of ['keyCertSign', 'cRLSign']) {
    if (keyUsage?.includes(usage) === false) return fault(`its keyUsage must include ${usage}`);
  }
  const purposes = extendedKeyUsage ?? ['clientAuth'];
  if (!purposes.includes('clientAuth')) {
    return fault(`its extendedKeyUsage is ${purposes.join(', ')}, must include clientAuth or be absent`);
  }
  const paths = readBasicConstraints(reread(facts).der)?.pathLength ?? null;
  if (which === 'root' && paths === 0) return fault('its path length is 0, must allow an intermediate below it');
  if (now < notBefore) return fault(`it is not valid before ${day(notBefore)}`);
  if (notAfter < now + LEAST_DAYS * DAY) {
    return fault(`it ends on ${day(notAfter)}, must be good for ${LEAST_DAYS} days at least`);
  }
  return isStrongKey(keyType)
    ? null
    : fault(`its key is ${keyType}, must be P-256, P-384, P-521, Ed25519, Ed448, or RSA of at least 2048 bits`);
}

function misplaced(root: ReadCertificate, intermediate: ReadCertificate): BroughtFault | null {
  const below = (because: string): BroughtFault => ({ with: 'intermediate', because });
  if (!root.der.subject.equals(root.der.issuer)) return { with: 'root', because: 'it is not signed by itself' };
  if (intermediate.facts.fingerprint === root.facts.fingerprint || intermediate.der.subject.equals(root.der.subject)) {
    return below('it is the root itself: have that sign an intermediate, and keep the key of the root elsewhere');
  }
  const isBelow = intermediate.der.issuer.equals(root.der.subject) && intermediate.x509.verify(root.x509.publicKey);
  if (!isBelow)
    return below(`it is not signed by the root (${root.facts.subject}), but by ${intermediate.facts.issuer}`);
  if (!isStrongSignature(intermediate.der.signatureAlgorithm)) {
    return below('it is signed with SHA-1 or MD5, must be with SHA-256 or better');
  }
  return intermediate.facts.notAfter > root.facts.notAfter ? below('it must not outlive its root') : null;
}

function unfitKey(key: PrivateKey, intermediate: X509Facts): BroughtFault | null {
  if (!keyMatches(key, intermediate)) return { with: 'key', because: `it is not that of ${intermediate.subject}` };
  try {
    signatureAlgorithm(key);
    return null;
  } catch {
    return { with: 'key', because: `${keyObject(key).asymmetricKeyType} keys cannot sign certificates here` };
  }
}

// Constraints on names, critical extensions and whatever else a CA may say: what counts is that a path holds.
async function unverified(
  { root, intermediate, key }: BroughtAuthority,
  { uri, zoneName, wildcard }: IssuesFor,
  now: Instant,
): Promise<BroughtFault | null> {
  const authority = { certificate: intermediate, key, chain: [] };
  const { certificate } = await issueIdentity(authority, { uri, dnsNames: [zoneName, wildcard], now });
  const verified = verifyPath(certificate, { offered: [intermediate], anchors: [root], purpose: 'client' }, now);
  if (verified.kind === 'verified') return null;
  const named = verified.because === 'name_not_permitted' ? ` (${uri}, ${zoneName}, ${wildcard})` : '';
  return {
    with: verified.certificate.fingerprint === root.fingerprint ? 'root' : 'intermediate',
    because: `what it issues would not be believed: ${PATH_FAILURES[verified.because].toLowerCase()}${named}`,
  };
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
