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
    default:
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
  if (isFront(probe)) return alone(answer, asks);
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
function beside({ probe, answer, asks }: Heard, application: Page, pages: Pages): Reading {
  const front = isFront(probe);
  const found = compare(answer, application, probe.host !== 'other' || asksForLocked(probe));
  // An error, a redirect or an empty page is the same for many sites: it says something only at the locked one's door.
  const telling = application.answers.some(({ status, bytes }) => status < 300 && bytes > 0);
  if (found === 'same' && (telling || (front && tellsNobodyApart(answer, asks)))) return APPLICATION;
  if (isElsewhere(answer)) return leads(answer) === 'here' ? UNCLEAR : REDIRECT;
  if (found === 'same') return UNCLEAR;
  if (found === 'alike') {
    if (asksForLocked(probe)) return telling ? APPLICATION : UNCLEAR;
    return probe.host !== 'other' && pages.isRatherOfOtherName(answer, application) ? OTHER_PAGE : UNCLEAR;
  }
  if (answer.status >= 400) return refusedBy(answer);
  if (isWild(application) && answer.type === application.answers[0]?.type) return front ? APPLICATION : UNCLEAR;
  // Some page at the locked name itself: of a refusal, or of an application that shows strangers something else.
  return front && answer.page !== 'default_page' && !pages.isCatchAll(probe, answer) ? UNCLEAR : OTHER_PAGE;
}

/** Where the edge knocks, without knowing what it would get. */
function alone(answer: Answer, asks: boolean | null): Reading {
  if (answer.status < 300) return APPLICATION;
  if (isElsewhere(answer)) return leads(answer) === 'here' ? APPLICATION : UNCLEAR;
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
  if (leads(answer) === 'to_https') return REDIRECT;
  if (isElsewhere(answer))
    return leads(answer) === 'here' && (probe.tls === null || !everybodys) ? APPLICATION : UNCLEAR;
  if (isRefusal(answer)) return refusedBy(answer);
  if (answer.status >= 400) return everybodys ? OTHER_PAGE : UNCLEAR;
  if (!everybodys) return answer.page === 'default_page' ? UNCLEAR : APPLICATION;
  if (pages.isOfOtherName(answer)) return OTHER_PAGE;
  // One page for all names over plain HTTP is how an application's own port answers.
  return probe.tls === null && answer.page !== 'default_page' ? APPLICATION : UNCLEAR;
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

function leads({ location }: Answer): 'here' | 'to_https' | 'to_http' | 'nowhere' {
  if (location === null) return 'nowhere';
  if (/^https:/i.test(location)) return 'to_https';
  return /^http:/i.test(location) || location.startsWith('//') ? 'to_http' : 'here';
}
