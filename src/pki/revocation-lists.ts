/** What revocation lists say of a path: who issued them is checked, and until when they count (RFC 5280 §6.3). */

import type { Standing } from '../domain/admit.ts';
import type { X509Facts } from '../domain/certificate.ts';
import { type Fingerprint, type Instant, instant } from '../domain/ids.ts';
import { isListOf, type OpenCrl, openCrls, serialsOf } from './crl-read.ts';
import { DerError } from './der-read.ts';
import { PkiError } from './pki-error.ts';
import { reread } from './read.ts';
import { isSignedBy } from './signature-strength.ts';

interface CheckedList {
  readonly from: Instant;
  readonly until: Instant;
  readonly serials: ReadonlySet<string>;
}

/** The newest list of each CA that has one. */
export type RevocationLists = ReadonlyMap<Fingerprint, CheckedList>;

/**
 * The lists of a PEM text, as far as these CAs signed them. Lists that nobody may rely on are left out: of others, without
 * an end, for a part of the certificates. Throws `PkiError` for a text that cannot be read.
 */
export function revocationLists(pem: string, cas: readonly X509Facts[]): RevocationLists {
  const lists = openCrls(pem);
  const found = new Map<Fingerprint, CheckedList>();
  try {
    for (const ca of cas) {
      const newest = lists
        .filter((list) => isSound(list, ca))
        .toSorted((one, other) => other.facts.thisUpdate - one.facts.thisUpdate)[0];
      if (newest === undefined || newest.facts.nextUpdate === null) continue;
      const { thisUpdate, nextUpdate } = newest.facts;
      found.set(ca.fingerprint, { from: thisUpdate, until: nextUpdate, serials: serialsOf(newest) });
    }
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('crl_unparsable', error.message);
    throw error;
  }
  return found;
}

/** What the lists say of a path, leaf first; `null` where one of its CAs has none. The anchor itself is on nobody's list. */
export function standingOf(path: readonly X509Facts[], lists: RevocationLists): Standing | null {
  let revoked = false;
  let from = -Infinity;
  let until = Infinity;
  for (const [index, { serial }] of path.slice(0, -1).entries()) {
    const issuer = path[index + 1];
    const list = issuer === undefined ? undefined : lists.get(issuer.fingerprint);
    if (list === undefined) return null;
    revoked ||= list.serials.has(serial);
    from = Math.max(from, list.from);
    until = Math.min(until, list.until);
  }
  return { revoked, from: instant(from), until: instant(until) };
}

function isSound(list: OpenCrl, ca: X509Facts): boolean {
  // §5.2: what is critical and not understood may mean that the list is of some certificates only.
  if (list.isCritical || list.facts.nextUpdate === null || !isListOf(list.facts, ca)) return false;
  // §6.3.3 (f)
  if (ca.keyUsage !== null && !ca.keyUsage.includes('cRLSign')) return false;
  return isSignedBy(list.body, list.algorithm, list.signature, reread(ca).x509.publicKey);
}
