import { DENIALS } from '../../src/domain/admit.ts';
import { PAGES } from '../../src/edge/own-pages.ts';
import { REFUSALS } from '../../src/http1/refusals.ts';
import { LOCK_REFUSALS } from '../../src/origin/lock-refusals.ts';
import { PULL_FAILURES } from '../../src/pull/failure.ts';
import { markdownTable } from './table.ts';

type Rows = Readonly<Record<string, { readonly status: number; readonly text: string }>>;

/** docs/errors-at-the-edge.md. */
export function edgeErrorsPage(): string {
  return `${[
    INTRODUCTION,
    `## The edge answers by itself\n\n${OWN}\n\n${table(PAGES)}`,
    `## A pull failed\n\n${PULLS}\n\n${table(PULL_FAILURES)}`,
    `## A request was refused\n\n${REQUESTS}\n\n${table(REFUSALS)}`,
    `## A caller was not let in\n\n${CALLERS}\n\n${table(DENIALS)}`,
    `## A request was not let in\n\n${LOCKS}\n\n${table(LOCK_REFUSALS)}`,
  ].join('\n\n')}\n`;
}

function table(rows: Rows): string {
  return markdownTable(
    ['Status', 'Code', 'Says'],
    Object.entries(rows).map(([code, { status, text }]) => [String(status), `\`${code}\``, text]),
  );
}

const OWN =
  'No origin is asked. A plan that refuses puts its reason (`no_identity`, `key_missing`, `identity_expired`) into the page. Who is turned away for want of a certificate that the hostname asks for is logged as `visitor_not_admitted`, with the reason.';

const INTRODUCTION = `<!-- Written by tools/generate-docs.ts from PAGES, PULL_FAILURES, REFUSALS, DENIALS and LOCK_REFUSALS. Do not edit by hand. -->

# Errors at the edge

When the edge does not pass on an answer of the origin, it answers itself: with a page in HTML, JSON or plain text,
whichever the \`Accept\` field asks for. The page shows one sentence and a request id. The same id stands in the log
line (\`id\`), beside the cause, and in the \`CF-Ray\` field of the answer, as it does in every answer that passes the
edge. The page never names addresses. Where trying again may help, the answer has \`Retry-After\`.

An answer of the origin is passed on as it is. nginx refuses a missing or wrong client certificate with a 400 page of
its own, after the handshake: visitors then see that 400, not one of the numbers below.`;

const PULLS = `Logged as \`pull_failed\`, with the code, the TLS alert where the origin sent one, and the detail. The numbers follow
Cloudflare's 52x. In TLS 1.3 an origin refuses a certificate only after the edge believes the handshake to be over; such
an alert is still reported as 525 \`identity_refused\`. An origin that closes without an alert cannot be told from one that
crashed: that is 520 \`closed_early\`.

A level that is on without a usable identity is not pulled at all: 525 with the code \`no_identity\`, \`key_missing\` or
\`identity_expired\`, logged as \`pull_refused\`.`;

const REQUESTS = `Logged as \`request_refused\`. The connection ends afterwards, because what follows can no longer be told apart;
over HTTP/2 only the stream ends. What already contradicts HTTP/2 itself gets no page but RST_STREAM with \`PROTOCOL_ERROR\`. The same table judges answers of origins: there, any of these becomes 520 \`bad_answer\`.`;

const CALLERS = `The answers of \`admit\`, which decides in front of an application. nginx and Apache decide by their own code, so this table
is about origins that ask \`admit\`: applications with [\`postern/origin\`](guides/middleware.md), where it is \`because\`.`;

const LOCKS = `What such an application's lock finds by itself, before or beside the certificate.`;
