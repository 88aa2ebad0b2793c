import { z } from 'zod';
import { CHAPTER_TITLES, chapterOf } from '../../src/control/api/openapi/chapters.ts';
import { PERMISSIONS } from '../../src/control/api/permissions.ts';
import type { Route } from '../../src/control/api/route.ts';
import { ROUTES } from '../../src/control/api/table.ts';
import { CAVEATS } from '../../src/domain/caveats.ts';
import { PROBLEMS } from '../../src/domain/problems.ts';
import { apiExample, PREAMBLE } from './api-example.ts';
import { markdownTable } from './table.ts';

/** docs/api.md. */
export function apiPage(): string {
  const chapters = CHAPTER_TITLES.map((title) => ({
    title,
    routes: ROUTES.filter(({ path }) => chapterOf(path) === title),
  }));
  return [
    INTRODUCTION,
    ...chapters.map(({ title, routes }) => [`## ${title}`, ...routes.map(call)].join('\n\n')),
    errors(),
    caveats(),
  ]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `<!-- Written by tools/generate-docs.ts from the tables in src/control/api and src/domain. Do not edit by hand. -->

# The API

The API speaks the dialect of Cloudflare's v4 API: the same paths, field names, envelope and error codes, so that its
official SDK works with another base URL. What Cloudflare has no path for lies under \`/postern/v1\`. It listens on
loopback in plain HTTP, and elsewhere only over TLS (\`--api-cert\`, \`--api-key\`).

- Every answer but a file is \`{"success", "errors", "messages", "result"}\`, lists with \`result_info\`.
- A call that changes something answers when the change is in force at the edge. Where an edge does not acknowledge
  within two seconds, the answer carries message 20103 and nothing has to be sent again.
- Fields and query parameters without a meaning here are ignored and named in \`messages\`.
- A bulk change with one bad item changes nothing. Errors carry a JSON pointer to the field in \`source.pointer\`.
- One thing under \`/postern/v1\` comes with an ETag: \`If-Match\` guards a change (412 says what it is now),
  \`If-None-Match\` spares an answer (304).
- A body is read as JSON whatever its \`content-type\` says, up to 1 MiB; only OCSP takes bytes.
- Records are the routing table of the edge, not DNS: nothing here answers DNS queries.

[openapi.json](openapi.json) describes every call, with all fields of its body and its answer, in OpenAPI 3.1. A running
Postern serves it at \`/postern/v1/openapi.json\`, and the same as a page for people at \`/postern/v1/docs\`, to anybody.

Every example below runs as it stands, after this:

\`\`\`sh
${PREAMBLE}
\`\`\`

\`$ZONE\`, \`$RECORD\`, \`$CERTIFICATE\`, \`$CA\`, \`$ACCOUNT\` and their like are ids from earlier answers (\`result.id\`). \`client.pem\` and \`client.key\` are
a client certificate, with its issuers appended, and its key; \`origin-ca.pem\` is the CA that signs an origin's own
certificate, \`visitor.pem\` and \`visitor.key\` what visitors are shown, \`staff-ca.pem\` a CA whose certificates visitors have, \`origin.csr\`
a request for an origin's certificate, \`signed.pem\` what a CA of yours made of a certificate request, \`request.der\` an OCSP request.

The permissions of a token are:

${PERMISSIONS.map((name) => `- \`${name}\``).join('\n')}

\`edit\` includes \`read\`. The bootstrap token has all of them; make others with fewer from it, then revoke it.`;

function call(route: Route): string {
  const { method, path, permission, answers } = route;
  const needs =
    permission === null ? 'No token.' : permission === 'any' ? 'Any token.' : `Permission \`${permission}\`.`;
  const here = route.openHere === true ? ' On the machine itself no token is needed.' : '';
  const takes = [
    route.bytes === null ? fields('Body', route.takes.body) : byteBody(route.bytes),
    fields('Query', route.takes.query),
  ].filter((line) => line !== null);
  return [
    `### ${method} ${path}`,
    [`${answers} ${needs}${here}`, ...takes].join('\n\n'),
    `\`\`\`sh\n${apiExample(route)}\n\`\`\``,
  ].join('\n\n');
}

const OBJECT = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});
const UNION = z.object({ anyOf: z.array(z.unknown()) });
const WORDS = z.object({ enum: z.array(z.string()) });

function byteBody({ media, most }: NonNullable<Route['bytes']>): string {
  return `Body: \`${media}\`, at most ${most} bytes.`;
}

function fields(part: string, schema: z.ZodType | undefined): string | null {
  if (schema === undefined) return null;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const forms = UNION.safeParse(json);
  if (forms.success) return `${part}: an array, bare or as \`items\`.`;
  const { properties = {}, required = [] } = OBJECT.parse(json);
  const names = Object.entries(properties).map(([name, value]) => {
    const words = WORDS.safeParse(value);
    const choice = words.success ? ` (${words.data.enum.join(', ')})` : '';
    return `\`${name}\`${required.includes(name) ? ' (required)' : ''}${choice}`;
  });
  return `${part}: ${names.join(', ')}.`;
}

function errors(): string {
  const rows = Object.values(PROBLEMS)
    .toSorted((a, b) => a.status - b.status || a.code - b.code)
    .map(({ code, status, text, fix }) => [String(status), String(code), text, fix]);
  return `## Errors\n\nA mistake is a 4xx and names what to do; 409 is never used.\n\n${markdownTable(['HTTP', 'Code', 'Says', 'What to do'], rows)}`;
}

function caveats(): string {
  const rows = Object.values(CAVEATS).map(({ code, text }) => [String(code), text]);
  return `## Caveats\n\nEntries of \`messages\` about a zone in which somebody switched origin pulls on, or set what has no effect.\n\n${markdownTable(['Code', 'Says'], rows)}`;
}
