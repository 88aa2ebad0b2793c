import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { crlPem } from '../pki/crl.ts';
import { type CrlFacts, isListOf, isSignedBy, loadCrls } from '../pki/crl-read.ts';
import { PkiError } from '../pki/pki-error.ts';

/** Why revocation lists are not installed: code → sentence, and what to do. */
export const LIST_FAULTS = {
  lists_unreadable: { text: 'The revocation lists cannot be read', fix: 'Fetch them again.' },
  list_foreign: {
    text: 'The revocation lists are of other CAs than those of the bundle',
    fix: 'Fetch the lists of your zone.',
  },
  list_twice: { text: 'There are two revocation lists of one CA', fix: 'Fetch them again.' },
  list_badly_signed: {
    text: 'A revocation list is not signed by its CA',
    fix: 'Fetch it again; somebody may have changed it.',
  },
  list_not_yet: {
    text: 'A revocation list is from a time that is still to come',
    fix: 'Set the clock of this machine, or that of the control plane.',
  },
  list_ended: {
    text: 'A revocation list has ended, and with it the server would refuse everybody',
    fix: 'Fetch it again. Where the key of the root is away, hold a ceremony: postern ca root-key restore.',
  },
  list_older: {
    text: 'A revocation list is older than the one installed',
    fix: 'Fetch it again; somebody may be handing out an old one.',
  },
  list_missing: {
    text: 'There is no revocation list of a CA of the bundle, and without it the server would refuse everybody',
    fix: 'Of a CA of your own, append its list to the file. Where the key of the root is away, hold a ceremony.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type ListFault = keyof typeof LIST_FAULTS;

/** Lists as they were fetched, and what the origin has. */
export interface ListUpdate {
  readonly lists: string;
  /** The CAs whose lists the server will want: those of the bundle that is to be installed. */
  readonly cas: readonly X509Facts[];
  /** The file as it is; `null` where there is none. */
  readonly installed: string | null;
  /** CAs whose lists were among those that were fetched before: they must not be left out now. */
  readonly published: readonly string[];
}

/** What to install as one file, and the lists that were fetched; or why nothing. */
export type CheckedLists =
  | { readonly kind: 'good'; readonly text: string; readonly lists: readonly ListOfCa[] }
  | { readonly kind: 'fault'; readonly code: ListFault; readonly detail: string };

/** A list and whose it is. */
export interface ListOfCa extends CrlFacts {
  readonly ca: X509Facts;
}

/**
 * Whether a server may be given these lists: one of each CA of its bundle, signed by it, in force, and none older than the
 * one it has. Those of CAs that are not in the bundle (one that left it is still listed) are left out: nobody here could
 * tell whether they are right. Lists of CAs of the user's own, which nobody publishes, are kept from the installed file.
 */
export function checkListUpdate({ lists, cas, installed, published }: ListUpdate, now: Instant): CheckedLists {
  const fetched = read(lists);
  if (fetched === null) return fault('lists_unreadable');
  const before = installed === null ? [] : owned(read(installed) ?? [], cas).filter(isRightly);
  const found = owned(fetched, cas);
  if (found.length === 0) return fault('list_foreign');
  for (const list of found) {
    const wrong = wrongWith(list, before, now);
    if (wrong !== null) return fault(wrong, list.ca.subject);
  }
  const twice = found.find(({ ca }) => found.filter((other) => other.ca === ca).length > 1);
  if (twice !== undefined) return fault('list_twice', twice.ca.subject);
  const kept = before.filter(({ ca }) => !found.some((list) => list.ca === ca) && !published.includes(ca.fingerprint));
  const ended = kept.find(({ nextUpdate }) => nextUpdate === null || nextUpdate <= now);
  if (ended !== undefined) return fault('list_ended', ended.ca.subject);
  const all = [...found, ...kept];
  const missing = cas.find((ca) => !all.some((list) => list.ca === ca));
  if (missing !== undefined) return fault('list_missing', missing.subject);
  return { kind: 'good', text: all.map(({ der }) => crlPem(der)).join(''), lists: found };
}

function wrongWith(list: ListOfCa, before: readonly ListOfCa[], now: Instant): ListFault | null {
  if (!isRightly(list)) return 'list_badly_signed';
  // RFC 5280 §5.1.2.5: there always is an end.
  if (list.nextUpdate === null || list.nextUpdate <= now) return 'list_ended';
  if (list.thisUpdate > now) return 'list_not_yet';
  return before.some((old) => old.ca === list.ca && isOlder(list, old)) ? 'list_older' : null;
}

/** §5.2.3: numbers tell which of two is newer; lists of other CAs may have none. */
function isOlder(one: CrlFacts, than: CrlFacts): boolean {
  if (one.number !== null && than.number !== null) return one.number < than.number;
  return one.thisUpdate < than.thisUpdate;
}

function isRightly(list: ListOfCa): boolean {
  return isSignedBy(list, list.ca);
}

function owned(lists: readonly CrlFacts[], cas: readonly X509Facts[]): readonly ListOfCa[] {
  const known = cas.map((ca) => ({ ca, isOwn: isListOf(ca) }));
  return lists.flatMap((list) => {
    const holder = known.find(({ isOwn }) => isOwn(list));
    return holder === undefined ? [] : [{ ...list, ca: holder.ca }];
  });
}

function read(text: string): readonly CrlFacts[] | null {
  try {
    return loadCrls(text);
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

function fault(code: ListFault, detail = ''): CheckedLists {
  return { kind: 'fault', code, detail };
}
