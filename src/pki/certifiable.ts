/** Which hosts the CAs of a bundle may certify at all. */

import type { X509Facts } from '../domain/certificate.ts';
import type { Fingerprint, Hostname } from '../domain/ids.ts';
import { DerError } from './der-read.ts';
import { namePermitted } from './name-constraints.ts';
import { type ReadCertificate, reread } from './read.ts';
import { type NameConstraints, readNameConstraints } from './read-extensions.ts';

interface Issuer {
  readonly constraints: NameConstraints | null;
  /** Those of the bundle that have its issuer's name; empty where it ends the path. */
  readonly above: readonly Fingerprint[];
}

/** Answers for one host whether a CA that issues may certify it, by what it and those above it are bound to. */
export interface Certifiable {
  readonly permits: (host: Hostname) => boolean;
  /** Domains that the CAs are bound to. */
  readonly domains: readonly string[];
}

/**
 * Reads the constraints of a bundle (RFC 5280 §4.2.1.10). A CA that has certified another one of the bundle is not taken
 * for one that issues: the root of a zone is bound to nothing, and the intermediate that it certified is.
 */
export function certifiable(cas: readonly X509Facts[]): Certifiable {
  const read = cas.map(reread);
  const issuers = new Map(read.map((ca) => [ca.facts.fingerprint, issuerOf(ca, read)]));
  const certified = new Set([...issuers.values()].flatMap(({ above }) => above));
  const issuing = [...issuers.keys()].filter((print) => !certified.has(print));
  const all = [...issuers.values()].flatMap(({ constraints }) => constraints?.permitted ?? []);
  return {
    permits: (host) => issuing.length === 0 || issuing.some((print) => permits(print, host, issuers, new Set())),
    domains: [...new Set(all.flatMap((one) => (one.kind === 'dns' ? [one.text] : [])))],
  };
}

function issuerOf({ der }: ReadCertificate, all: readonly ReadCertificate[]): Issuer {
  const isSelfIssued = der.issuer.equals(der.subject);
  const above = isSelfIssued ? [] : all.filter((one) => one.der.subject.equals(der.issuer));
  return { constraints: constraintsOf(der), above: above.map(({ facts }) => facts.fingerprint) };
}

// What cannot be read is judged where paths are verified; here it is bound to nothing.
function constraintsOf(der: ReadCertificate['der']): NameConstraints | null {
  try {
    return readNameConstraints(der);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

// Each CA is looked at once for a host: who was asked before has refused, or certifies itself in a ring.
function permits(
  print: Fingerprint,
  host: Hostname,
  issuers: ReadonlyMap<Fingerprint, Issuer>,
  seen: Set<Fingerprint>,
): boolean {
  const ca = issuers.get(print);
  if (ca === undefined || seen.has(print)) return false;
  seen.add(print);
  if (ca.constraints !== null && !namePermitted({ kind: 'dns', text: host }, ca.constraints)) return false;
  return ca.above.length === 0 || ca.above.some((one) => permits(one, host, issuers, seen));
}
