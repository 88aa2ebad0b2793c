import type { Route } from '../route.ts';
import { CHAPTER_TITLES } from './chapters.ts';
import { Components } from './components.ts';
import type { Header, OpenApi, PathItem } from './document.ts';
import { describeOperation } from './operation.ts';
import { refusalResponses } from './refusals.ts';

const DESCRIPTION = `The API speaks the dialect of Cloudflare's v4 API: the same paths, field names, envelope and error codes, so that its official SDK works with another base URL. What Cloudflare has no path for lies under \`/postern/v1\`.

Every answer but a file or a stream is \`{"success", "errors", "messages", "result"}\`, lists with \`result_info\`. A call that changes something answers when the change is in force at the edge. A bulk change with one bad item changes nothing.

Fields and query parameters without a meaning are ignored and named in \`messages\`; in a body of Postern's own paths they are refused. A body is read as JSON whatever its content type says, up to 1 MiB. A method that a path does not have is answered with 405 and \`allow\`.

\`x-postern-permission\` names what a token must be allowed: \`edit\` includes \`read\`, \`any\` is every valid token, null means that none is asked for.`;

const HEADERS: Readonly<Record<string, Header>> = {
  'X-Request-Id': { description: 'Stands in the log of the control plane too.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' } },
  ETag: { description: 'For If-None-Match.', schema: { type: 'string' } },
};

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'The text of a token.' },
  email: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Auth-Email',
    description: 'Of a legacy key, where they are switched on.',
  },
  key: { type: 'apiKey', in: 'header', name: 'X-Auth-Key', description: 'A legacy key, where they are switched on.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'postern_session',
    description: 'A sign-in by POST /postern/v1/session; over TLS its name is __Host-postern_session.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Postern-CSRF',
    description: 'The "csrf" of the session: a change by cookie needs it.',
  },
} as const;

/** The description of an API in OpenAPI 3.1, from its route table and from nothing else. */
export function openApi(routes: readonly Route[], version: string): OpenApi {
  const components = new Components();
  const responses = refusalResponses(components);
  const paths: Record<string, PathItem> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([a-z]+)/g, '{$1}');
    const verb = VERBS[route.method];
    paths[path] = { ...paths[path], [verb]: describeOperation(route, components) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Postern',
      version,
      summary: 'Authenticated origin pulls that you run yourself.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/', description: 'Where this description came from.' }],
    tags: CHAPTER_TITLES.map((name) => ({ name })),
    paths,
    components: { schemas: components.all(), responses, headers: HEADERS, securitySchemes: SECURITY_SCHEMES },
  };
}

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;
