import { reasonPhrase } from '../http1/reason-phrases.ts';
import type { Reply } from '../http1/responder.ts';
import type { PullFailureCode } from '../pull/failure.ts';
import { HTML_POLICY, htmlPage } from './html-page.ts';
import type { PageCode } from './own-pages.ts';
import { type DocumentKind, preferredType } from './preferred-type.ts';
import type { Page } from './page.ts';

/** In how many seconds trying again makes sense, for what passes by itself (RFC 9110 §10.2.3). */
const RETRY_AFTER: Readonly<Partial<Record<PullFailureCode | PageCode, number>>> = {
  pool_retired: 1,
  too_busy: 5,
  connection_refused: 30,
  connect_timeout: 30,
  unreachable: 30,
  answer_timeout: 30,
  paused: 300,
};

function retryAfter(code: string): number | undefined {
  return Object.hasOwn(RETRY_AFTER, code) ? RETRY_AFTER[code as keyof typeof RETRY_AFTER] : undefined;
}

/** The answer that shows a page, in the kind of document that Accept prefers. `id` is the request's, as in the log. */
export function pageReply(
  page: Page,
  { accept, id }: { readonly accept: string | undefined; readonly id: string },
): Reply {
  const kind = preferredType(accept);
  const retry = retryAfter(page.code);
  return {
    status: page.status,
    fields: [
      ['Content-Type', MIME_TYPES[kind]],
      ['Cache-Control', 'no-store'],
      ['Vary', 'Accept'],
      ['X-Content-Type-Options', 'nosniff'],
      ...(kind === 'html' ? HTML_FIELDS : []),
      ...(retry === undefined ? [] : ([['Retry-After', String(retry)]] as const)),
      ['CF-Ray', id],
      ...(page.fields ?? []),
    ],
    body: RENDERERS[kind](page, id),
    ...(page.last === true ? { last: true } : {}),
  };
}

/** A redirect to another URL, which the caller has built from parsed parts only. */
export function redirectReply(location: string, status: 301 | 308, id: string): Reply {
  return {
    status,
    fields: [
      ['Location', location],
      ['Cache-Control', 'no-store'],
      ['CF-Ray', id],
    ],
    body: '',
  };
}

const MIME_TYPES: Readonly<Record<DocumentKind, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
};

const HTML_FIELDS = [
  ['Content-Security-Policy', HTML_POLICY],
  ['Referrer-Policy', 'no-referrer'],
] as const;

const RENDERERS: Readonly<Record<DocumentKind, (page: Page, id: string) => string>> = {
  text: ({ status, text }, id) => `${status} ${text}\nRequest id: ${id}\n`,
  json: ({ status, code, text }, id) =>
    `${JSON.stringify({ error: { status, code, message: text, request_id: id } })}\n`,
  html: ({ status, code, text }, id) =>
    htmlPage({ status, title: reasonPhrase(status), text, id, passing: retryAfter(code) !== undefined }),
};
