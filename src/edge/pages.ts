import type { Reply } from './responder.ts';

/** What the edge answers when it does not pull: status, one sentence for people, a code for machines. */
export interface Page {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
  520: 'Origin Answered Unexpectedly',
  521: 'Origin Is Down',
  522: 'Origin Connection Timed Out',
  523: 'Origin Is Unreachable',
  524: 'Origin Timed Out',
  525: 'Origin TLS Handshake Failed',
  526: 'Origin Certificate Not Valid',
  530: 'Origin Not Found',
};

/** The reason phrase of a status that the edge gives by itself. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? 'Error';
}

/** Which kind of document a visitor prefers, judged roughly: pages of errors need no negotiation of quality. */
function preferredType(accept: string | undefined): 'html' | 'json' | 'text' {
  if (accept === undefined) return 'text';
  if (accept.includes('text/html')) return 'html';
  return accept.includes('json') ? 'json' : 'text';
}

/** The answer that shows a page, in the kind of document that Accept prefers. `id` is the request's, as in the log. */
export function pageReply(
  page: Page,
  { accept, id }: { readonly accept: string | undefined; readonly id: string },
): Reply {
  const type = preferredType(accept);
  return {
    status: page.status,
    fields: [
      ['Content-Type', MIME_TYPES[type]],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ['CF-Ray', id],
    ],
    body: RENDERERS[type](page, id),
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

const MIME_TYPES = { html: 'text/html; charset=utf-8', json: 'application/json', text: 'text/plain; charset=utf-8' };

const RENDERERS = {
  text: (page: Page, id: string) => `${page.status} ${page.text}\nRequest id: ${id}\n`,
  json: (page: Page, id: string) =>
    `${JSON.stringify({ error: { status: page.status, code: page.code, message: page.text, request_id: id } })}\n`,
  html: (page: Page, id: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${page.status} ${reasonPhrase(page.status)}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}
h1{font-size:1.25rem;margin:0 0 .5rem}code{font-size:.875rem;opacity:.7}</style></head>
<body><h1>${page.status} ${reasonPhrase(page.status)}</h1><p>${page.text}</p><p><code>Request id ${id}</code></p></body></html>
`,
};
