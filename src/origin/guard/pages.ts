import { reasonPhrase } from '../../http1/reason-phrases.ts';
import type { Reply } from '../../http1/responder.ts';

/** What a guard answers by itself. */
export interface GuardPage {
  readonly status: number;
  readonly text: string;
  readonly fields?: Reply['fields'];
}

export const PAGES = {
  method: {
    status: 405,
    text: 'This method is not passed on.',
    // RFC 9110 §15.5.6: what the guard itself stands in the way of is left out; the rest is for the application to allow.
    fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  },
  misdirected: { status: 421, text: 'This name was not asked for in the TLS handshake of this connection.' },
  draining: { status: 503, text: 'The application is about to stop. Try again.' },
  502: { status: 502, text: 'The application gave no answer that could be passed on.' },
  503: { status: 503, text: 'Too many requests wait for the application.' },
  504: { status: 504, text: 'The application did not answer in time.' },
} as const satisfies Record<string, GuardPage>;

/** The answer that shows a page. `id` is the request's, as in the log. */
export function guardReply({ status, text, fields = [] }: GuardPage, id: string): Reply {
  return {
    status,
    fields: [['Content-Type', 'text/plain; charset=utf-8'], ['Cache-Control', 'no-store'], ...fields],
    body: `${status} ${reasonPhrase(status)}\n${text}\nRequest id: ${id}\n`,
  };
}
