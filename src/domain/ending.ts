import type { Hostname, Instant } from './ids.ts';
import {
  type Concern,
  NO_SUBJECT,
  NOTICE_KINDS,
  type NoticeCode,
  type NoticeSubject,
  type Severity,
} from './notice.ts';

const DAY = 86_400_000;
/** How many days before the end something is said, the earliest first; and once more when it is over. */
export const WARNINGS = [30, 14, 7, 1, 0] as const;
/** From so many days on a word is no longer a reminder. */
const URGENT = 1;
/** What Postern renews by itself is spoken of only when less than this part of its life is left: it is late then. */
const LATE = 1 / 4;
/** Hostnames that a notice names: a certificate may be for a hundred thousand. */
const MOST_NAMED = 20;

/** Something that comes to its end. */
export interface Ending {
  /** What it is, or the CA that it is of. */
  readonly of: { readonly fingerprint: string; readonly subject: string };
  readonly notAfter: Instant;
  /** What it is called; its subject where left out. */
  readonly called?: string;
  readonly hostnames?: readonly Hostname[];
  /** Days before the end at which something is said, where they are not the usual ones. */
  readonly warnings?: readonly number[];
}

/** The concern about what ends: none or one. */
export function ending(
  code: NoticeCode,
  id: string,
  { of, notAfter, called, hostnames = [], warnings = WARNINGS }: Ending,
  now: Instant,
): readonly Concern[] {
  const left = notAfter - now;
  const stage = warnings.filter((days) => left <= days * DAY).length;
  // Of nearly all nothing is said, and their subjects need not be read.
  if (stage === 0) return [];
  const about: NoticeSubject = {
    ...NO_SUBJECT,
    certificate: id,
    fingerprint: of.fingerprint,
    subject: of.subject,
    hostnames: hostnames.slice(0, MOST_NAMED),
    endsAt: notAfter,
  };
  const severity: Severity = left <= URGENT * DAY ? 'critical' : NOTICE_KINDS[code].severity;
  const detail = when(called ?? of.subject, notAfter, left) + others(hostnames);
  return [{ key: `${code} ${id}`, stage, code, severity, about, detail }];
}

/** The days before its end at which something is late that should have been renewed long ago. */
export function lateWarnings(life: number): readonly number[] {
  return WARNINGS.filter((days) => days * DAY < life * LATE);
}

function others({ length }: readonly Hostname[]): string {
  return length > MOST_NAMED ? `; for ${length} hostnames` : '';
}

function when(called: string, notAfter: Instant, left: number): string {
  const day = new Date(notAfter).toISOString().slice(0, 10);
  if (left <= 0) return `${called} ended on ${day}`;
  const days = Math.ceil(left / DAY);
  return `${called} ends on ${day}, in ${days === 1 ? 'a day' : `${days} days`}`;
}
