/** What revocation lists say of a path: who issued them is checked, and until when they count (RFC 5280 §6.3). */

import type { Standing } from '../domain/admit.ts';
import type { X509Facts } from '../domain/certificate.ts';
import { type Fingerprint, type Instant, instant } from '../domain/ids.ts';
import { readExtensionList } from './certificate-der.ts';
import { type CrlFacts, isListOf, isSignedBy, loadCrls } from './crl-read.ts';
import { type DerElement, DerError, expectTag, members, readDer, TAG } from './der-read.ts';
import { PkiError } from './pki-error.ts';

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
  const lists = loadCrls(pem);
  const found = new Map<Fingerprint, CheckedList>();
  for (const ca of cas) {
    const isOwn = isListOf(ca);
    // Few lists are of the same CA, and only the newest is worth a look at its signature.
    const newestFirst = lists.filter(isOwn).toSorted((one, other) => other.thisUpdate - one.thisUpdate);
    for (const list of newestFirst) {
      const { isCritical, serials } = contents(list);
      // §5.2: what is critical and not understood may mean that the list is of some certificates only.
      if (isCritical || list.nextUpdate === null || !isSignedBy(list, ca)) continue;
      found.set(ca.fingerprint, { from: list.thisUpdate, until: list.nextUpdate, serials });
      break;
    }
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

interface Contents {
  /** As `X509Facts` has them. */
  readonly serials: ReadonlySet<string>;
  /** Whether it says something of itself that changes what it means, and that nobody here understands. */
  readonly isCritical: boolean;
}

const MOST_ENTRIES = 1_000_000;

function contents({ der }: CrlFacts): Contents {
  try {
    const [body, algorithm] = members(expectTag(readDer(der, der.length), TAG.sequence));
    const fields = members(expectTag(body, TAG.sequence));
    const [inner, , ...rest] = fields[0]?.tag === TAG.integer ? fields.slice(1) : fields;
    // §5.1.1.2: both must say the same, or the signature could be reinterpreted.
    if (inner?.raw.equals(expectTag(algorithm, TAG.sequence).raw) !== true) throw new DerError('two algorithms');
    const entries = rest.find(({ tag }) => tag === TAG.sequence);
    const extensions = rest.find(({ tag }) => tag === 0xa0);
    const [list] = extensions === undefined ? [] : members(extensions);
    const known = list === undefined ? [] : [...readExtensionList(list).values()];
    return { serials: serialsOf(entries), isCritical: known.some(({ critical }) => critical) };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('crl_unparsable', error.message);
    throw error;
  }
}

function serialsOf(entries: DerElement | undefined): ReadonlySet<string> {
  const serials = new Set<string>();
  for (const entry of entries === undefined ? [] : members(entries, MOST_ENTRIES)) {
    const [serial] = members(expectTag(entry, TAG.sequence));
    const { body } = expectTag(serial, TAG.integer);
    serials.add(body.toString('hex').replace(/^0+(?=.)/, ''));
  }
  return serials;
}
