import { z } from 'zod';
import { cacheable } from './cacheable.ts';
import { PAGE_POLICY } from './openapi/served.ts';
import { file } from './returns.ts';
import { publicRoute, type Route } from './route.ts';

const OPENAPI = z
  .looseObject({ openapi: z.literal('3.1.1') })
  .meta({ id: 'OpenApi', description: 'A document as spec.openapis.org/oas/v3.1.1 has it.' });

/** The API about itself. Holds nothing of the installation, so anybody may read it. */
export const DESCRIPTION_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: '/postern/v1/openapi.json',
    takes: {},
    answers: 'The description of this API in OpenAPI 3.1.',
    returns: file('application/json', OPENAPI),
    precondition: 'if-none-match',
    handle: (_, call) => {
      const { text, etag } = call.settings.description().json;
      return cacheable(text, etag, 'application/json; charset=utf-8', { call });
    },
  }),
  publicRoute({
    method: 'GET',
    path: '/postern/v1/docs',
    takes: {},
    answers: 'The same as a page for people.',
    returns: file('text/html'),
    precondition: 'if-none-match',
    handle: (_, call) => {
      const { text, etag } = call.settings.description().page;
      const headers = { 'content-security-policy': PAGE_POLICY };
      return cacheable(text, etag, 'text/html; charset=utf-8', { call, headers });
    },
  }),
];
