import { likeness } from '../likeness.ts';
import type { Answer, KnownPage, Observation, Saw } from '../observation.ts';
import type { CredentialKind, Probe } from '../probe.ts';
import { ALERTS } from './alerts.ts';
import { compare, type Page, pageOf } from './comparison.ts';

/** What is known of one host's pages before anything is judged: the application's, and those that are not it. */
export interface Pages {
  /** What the right identity gets at a path; null where none is at hand or it gets in nowhere. */
  readonly application: (path: string) => Page | null;
  /** The answer is what names without a site get under the same circumstances. */
  readonly isCatchAll: (probe: Probe, answer: Answer) => boolean;
  /** The answer is the own page of a name that may stay open. */
  readonly isOfOtherName: (answer: Answer) => boolean;
  /** It is more like the own page of such a name than like the application's. */
  readonly isRatherOfOtherName: (answer: Answer, application: Page) => boolean;
  /** Wrong certificates are refused there in the handshake or by a page that says so: no answer of another kind is one. */
  readonly refusesCertificates: (probe: Probe) => boolean;
}

// Statuses that the layers before an application refuse with; 495 to 497 are nginx's own.
const REFUSING: readonly number[] = [400, 403, 421, 495, 496, 497];
const REFUSAL_PAGES: readonly (KnownPage | null)[] = ['nginx_no_certificate', 'nginx_certificate_error'];

const MADE_UP: readonly CredentialKind[] = ['none', 'self_signed', 'foreign', 'same_name'];

/** The locked name, spelled as everybody does, over a connection of its own. */
export function isPlain({ host, spelling, resumes, forges }: Probe): boolean {
  return host === 'locked' && spelling === 'plain' && resumes === null && forges === null;
}

/** The caller says of itself that it was verified, or that it was not. */
export function claimsVerified({ forges }: Probe): boolean {
  return forges === 'success' || forges === 'failure';
}

/** The locked name is asked for: in Host, or in a target that outranks it (RFC 9112 §3.2.2). */
export function asksForLocked({ host, spelling }: Probe): boolean {
  return host === 'locked' || spelling === 'absolute_form';
}

/** Where the edge knocks: TLS, with the locked name in the handshake and asked for. */
export function isFront(probe: Probe): boolean {
  return probe.tls !== null && probe.sni === 'locked' && asksForLocked(probe);
}

/** An answer that nobody can take for the application's, whatever it shows. */
export function isRefusal(answer: Answer): boolean {
  return REFUSING.includes(answer.status) || isRefusalPage(answer);
}

/** A page that says of itself that a certificate is missing or wrong. */
export function isRefusalPage({ page }: Answer): boolean {
  return REFUSAL_PAGES.includes(page);
}

/** Learns the pages of one host from all that was seen of it, at all its sockets. */
export function pagesOf(seen: readonly Observation[]): Pages {
  const right = seen.filter(
    ({ probe }) => probe.credential === 'right' && probe.sni === 'locked' && probe.forges === null,
  );
  const strangers = seen.filter(({ probe }) => MADE_UP.includes(probe.credential) && isFront(probe) && isPlain(probe));
  const learned = new Map<string, Page | null>();
  for (const { probe } of right)
    if (!learned.has(probe.path)) learned.set(probe.path, applicationAt(probe.path, right, strangers));
  const answered = seen.flatMap(({ probe, saw }) => (saw.kind === 'answered' ? [{ probe, answer: saw.answer }] : []));
  const misnamed = answered.filter(
    ({ probe }) => probe.host === 'unknown' && !asksForLocked(probe) && probe.credential !== 'right',
  );
  const ownPages = answered
    .filter(({ probe }) => probe.host === 'other' && !asksForLocked(probe))
    .map(({ answer }) => answer);
  return {
    application: (path) => learned.get(path) ?? null,
    isCatchAll: (probe, answer) =>
      misnamed.some((one) => isControl(one.probe, probe) && isSamePage(answer, one.answer)),
    isOfOtherName: (answer) => ownPages.some((one) => isSamePage(answer, one)),
    refusesCertificates: ({ target }) =>
      strangers.some(({ probe, saw }) => probe.target === target && probe.credential !== 'none' && isOutright(saw)),
    isRatherOfOtherName: (answer, { answers }) => nearness(answer, ownPages) > nearness(answer, answers),
  };
}

function applicationAt(path: string, right: readonly Observation[], strangers: readonly Observation[]): Page | null {
  const there = right.filter(({ probe }) => probe.path === path);
  const plain = Map.groupBy(
    there.filter(({ probe }) => isFront(probe) && isPlain(probe)),
    ({ probe }) => probe.target,
  );
  const admitted = [...plain.values()].map((group) => group.flatMap(({ saw }) => letIn(saw)));
  const forbidden = [...plain.values()].map((group) => group.flatMap(({ saw }) => forbiddenByItself(saw, strangers)));
  const groups = admitted.some((group) => group.length > 0) ? admitted : forbidden;
  const respelled = there
    .filter(({ probe }) => probe.spelling !== 'plain' || probe.host === 'unknown')
    .flatMap(({ saw }) => letIn(saw));
  return groups.every((group) => group.length === 0) ? null : pageOf(groups, respelled);
}

function letIn(saw: Saw): readonly Answer[] {
  return saw.kind === 'answered' && !isRefusal(saw.answer) ? [saw.answer] : [];
}

// An application may forbid a path to everybody. With a page of its own making, which no stranger gets, it is its word;
// else it is that of a pin, or of whatever else stands before it.
function forbiddenByItself(saw: Saw, strangers: readonly Observation[]): readonly Answer[] {
  if (saw.kind !== 'answered' || saw.answer.status !== 403) return [];
  const { page, title, digest } = saw.answer;
  const everybodys = strangers.some((one) => one.saw.kind === 'answered' && one.saw.answer.digest === digest);
  return page === null && title !== null && !everybodys ? [saw.answer] : [];
}

function isOutright(saw: Saw): boolean {
  if (saw.kind === 'alert') return ALERTS[saw.number]?.certificate === true;
  return saw.kind === 'answered' && isRefusalPage(saw.answer);
}

function isControl(control: Probe, probe: Probe): boolean {
  return (
    control.target === probe.target &&
    control.path === probe.path &&
    (control.tls === null) === (probe.tls === null) &&
    (control.sni === probe.sni || probe.tls === null)
  );
}

function nearness({ sketch, digest }: Answer, answers: readonly Answer[]): number {
  return Math.max(0, ...answers.map((one) => (digest === one.digest ? 2 : likeness(sketch, one.sketch))));
}

function isSamePage(one: Answer, other: Answer): boolean {
  return compare(one, pageOf([[other]], []), false) !== 'different';
}
