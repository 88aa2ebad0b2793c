import type { Answer, Observation } from '../observation.ts';
import type { Probe } from '../probe.ts';
import { asksForLocked, isFront, isRefusal, isRefusalPage, type Pages } from './application.ts';
import { compare, isWild, type Page } from './comparison.ts';

/** What an observation means, whoever knocked. */
export type Reading =
  /** The caller got what is locked. */
  | { readonly kind: 'application' }
  | { readonly kind: 'refused'; readonly by: 'alert' | 'page' | 'status'; readonly number: number }
  /** The end of the connection, or a reset: a refusal in some servers, and anything else in others. */
  | { readonly kind: 'closed' }
  /** Sent elsewhere, without content. */
  | { readonly kind: 'redirect' }
  /** A page of another site, or the one with which a server is delivered. */
  | { readonly kind: 'other_page' }
  /** An answer that may be the application's, or not. */
  | { readonly kind: 'unclear' }
  /** Not a word that can be read. */
  | { readonly kind: 'nothing' };

const APPLICATION: Reading = { kind: 'application' };
const REDIRECT: Reading = { kind: 'redirect' };
const OTHER_PAGE: Reading = { kind: 'other_page' };
const UNCLEAR: Reading = { kind: 'unclear' };

/** Reads one observation in the light of the pages that are known of its host; `asks` as far as it is known. */
export function read({ probe, saw }: Observation, pages: Pages, asks: boolean | null): Reading {
  switch (saw.kind) {
    case 'alert':
      return { kind: 'refused', by: 'alert', number: saw.number };
    case 'closed':
      return { kind: 'closed' };
    case 'unreadable':
      // HTTP/2 ends a stream with an error where HTTP/1.1 would end the connection (RFC 9113 §5.4.2).
      return { kind: probe.protocol === 'h2' ? 'closed' : 'nothing' };
    case 'answered':
      return readAnswer(probe, saw.answer, pages, asks);
    case 'silent':
    case 'unreachable':
    case 'not_resumed':
    case 'no_http2':
      return { kind: 'nothing' };
  }
}

function readAnswer(probe: Probe, answer: Answer, pages: Pages, asks: boolean | null): Reading {
  const { status, page } = answer;
  if (isRefusalPage(answer) || page?.endsWith('_plain_http') === true)
    return { kind: 'refused', by: 'page', number: status };
  if (status === 421 || (status >= 495 && status <= 497)) return refusedBy(answer);
  const application = pages.application(probe.path);
  if (application !== null) return beside({ probe, answer, asks }, application, pages);
  if (isFront(probe)) return alone({ probe, answer, asks });
  return asksForLocked(probe) ? atSideDoor(probe, answer, pages) : underOtherName(probe, answer, pages);
}

function refusedBy({ status }: Answer): Reading {
  return { kind: 'refused', by: 'status', number: status };
}

interface Heard {
  readonly probe: Probe;
  readonly answer: Answer;
  readonly asks: boolean | null;
}

/** With what the right identity gets at hand. */
function beside(heard: Heard, application: Page, pages: Pages): Reading {
  const { probe, answer } = heard;
  const found = compare(answer, application, probe.host !== 'other' || asksForLocked(probe));
  if (found === 'same' && isProof(heard, application, pages)) return APPLICATION;
  if (isElsewhere(answer)) return readRedirect(heard, application);
  // A server's own page for an error is the same for all its sites.
  if (found === 'same')
    return !isFront(probe) && answer.page?.endsWith('_error') === true ? refusedBy(answer) : UNCLEAR;
  if (found === 'alike') return readAlike(heard, application, pages);
  if (answer.status >= 400) return refusedBy(answer);
  if (answer.page === 'default_page') return OTHER_PAGE;
  if (isWild(application) && answer.type === application.answers[0]?.type)
    return isFront(probe) ? APPLICATION : UNCLEAR;
  // Some page at the locked name itself: of a refusal, or of an application that shows strangers something else.
  return isFront(probe) && !pages.isCatchAll(probe, answer) ? UNCLEAR : OTHER_PAGE;
}

// An error, a redirect or an empty page is the same for many sites: it says something only at the locked one's door.
function isProof({ probe, answer, asks }: Heard, application: Page, pages: Pages): boolean {
  if (isTelling(application)) return true;
  if (!isFront(probe)) return false;
  return probe.credential === 'right' || tellsNobodyApart(answer, asks) || pages.refusesCertificates(probe);
}

function isTelling({ answers }: Page): boolean {
  return answers.some(({ status, bytes }) => status < 300 && bytes > 0);
}

// To another page of this very door, as the right one is sent: the application has answered.
function readRedirect({ probe, answer }: Heard, { answers }: Page): Reading {
  const way = leads(probe, answer);
  if (way !== 'here') return REDIRECT;
  const path = pathOf(answer.location);
  return asksForLocked(probe) && answers.some(({ location }) => location !== null && pathOf(location) === path)
    ? APPLICATION
    : UNCLEAR;
}

function readAlike({ probe, answer }: Heard, application: Page, pages: Pages): Reading {
  if (asksForLocked(probe)) return isTelling(application) ? APPLICATION : UNCLEAR;
  return probe.host !== 'other' && pages.isRatherOfOtherName(answer, application) ? OTHER_PAGE : UNCLEAR;
}

/** Where the edge knocks, without knowing what it would get. */
function alone({ probe, answer, asks }: Heard): Reading {
  // Caddy answers so for every name that it does not know.
  if (answer.status === 200 && answer.bytes === 0 && answer.type === null) return UNCLEAR;
  if (answer.status < 300) return APPLICATION;
  if (isElsewhere(answer)) return leads(probe, answer) === 'here' ? APPLICATION : UNCLEAR;
  if (isRefusal(answer)) return refusedBy(answer);
  return tellsNobodyApart(answer, asks) ? APPLICATION : UNCLEAR;
}

// Who asks nobody for a certificate tells nobody apart; who asks may refuse by any error.
function tellsNobodyApart({ status }: Answer, asks: boolean | null): boolean {
  return status < 400 || asks === false;
}

/** The locked name at a door of another kind: plain HTTP, or with another name in the handshake. */
function atSideDoor(probe: Probe, answer: Answer, pages: Pages): Reading {
  const everybodys = pages.isCatchAll(probe, answer);
  if (isElsewhere(answer)) {
    const way = leads(probe, answer);
    if (way === 'to_https') return REDIRECT;
    return way === 'here' && (probe.tls === null || !everybodys) ? APPLICATION : UNCLEAR;
  }
  if (isRefusal(answer)) return refusedBy(answer);
  if (answer.status >= 400) return everybodys ? OTHER_PAGE : UNCLEAR;
  // Everybody has it: whoever it is shown to has seen nothing that is kept here.
  if (answer.page === 'default_page') return OTHER_PAGE;
  if (!everybodys) return APPLICATION;
  if (pages.isOfOtherName(answer)) return OTHER_PAGE;
  // One page for all names over plain HTTP is how an application's own port answers.
  return probe.tls === null ? APPLICATION : UNCLEAR;
}

function underOtherName(probe: Probe, answer: Answer, pages: Pages): Reading {
  if (isElsewhere(answer)) return REDIRECT;
  if (answer.status >= 400) return refusedBy(answer);
  const known = probe.host === 'other' || answer.page === 'default_page' || pages.isOfOtherName(answer);
  return known ? OTHER_PAGE : UNCLEAR;
}

function isElsewhere({ status, location }: Answer): boolean {
  return status >= 300 && status < 400 && location !== null;
}

/** Whether a redirect stays at the same kind of door and name. Ports do not count: a server may not know its own. */
function leads({ target, tls }: Probe, { location }: Answer): 'here' | 'to_https' | 'to_http' {
  const parts = /^(?:(https?):)?\/\/([^/?#]*)/i.exec(location ?? '');
  if (parts === null) return 'here';
  const secure = parts[1] === undefined ? tls !== null : parts[1].toLowerCase() === 'https';
  const name = (parts[2] ?? '').toLowerCase().replace(/:\d*$/, '');
  if (secure === (tls !== null) && (name === target.host || name === target.address)) return 'here';
  return secure ? 'to_https' : 'to_http';
}

function pathOf(location: string | null): string {
  return (location ?? '').replace(/^(?:https?:)?\/\/[^/?#]*/i, '');
}
