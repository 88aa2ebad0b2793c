import type { PullPlan } from '../domain/plan.ts';
import type { Page } from './page.ts';

type RefusePlan = Extract<PullPlan, { kind: 'refuse' }>;

/** What the edge answers by itself, without asking an origin: one row each. */
export const PAGES = {
  misdirected: { status: 421, text: 'This name was not asked for in the TLS handshake of this connection.' },
  unknown_hostname: { status: 404, text: 'This name is not served here.' },
  dns_only: { status: 404, text: 'This name is not served here: its record is not proxied.' },
  paused: { status: 503, text: 'This site is paused.' },
  method: {
    status: 405,
    text: 'This method is not passed on.',
    // RFC 9110 §15.5.6: what the edge itself stands in the way of is left out; the rest is for the origin to allow.
    fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  },
  blocked: { status: 403, text: 'Visitors from this network are not let in.' },
  visitor_certificate_required: {
    status: 403,
    text: 'This site lets in only who shows a certificate, and none was shown. Get one from the owner of the site, and come over https with it.',
    last: true,
  },
  visitor_certificate_refused: {
    status: 403,
    text: 'The certificate that was shown does not count here: it has ended, or this site does not know its issuer. Choose another one, or ask the owner of the site.',
    last: true,
  },
  limited: { status: 429, text: 'Too many requests of this kind came from this network.' },
  loop: { status: 508, text: 'The origin of this site is this very edge.' },
  refuse: { status: 525, text: 'The edge has no usable client certificate for this origin, so it does not ask it.' },
} as const satisfies Record<string, Omit<Page, 'code'>>;

export type PageCode = keyof typeof PAGES;

/** Why a plan refuses: the codes that stand on the page of `refuse`. */
export const REFUSING = [
  'no_identity',
  'key_missing',
  'identity_expired',
  'server_name_foreign',
] as const satisfies readonly RefusePlan['because'][];
