import type { z } from 'zod';
import { CURSOR_INFO, RESULT_INFO } from '../../../wire/envelope.ts';
import { MESSAGE } from '../../../wire/messages.ts';
import type { Shape } from '../returns.ts';
import type { Route } from '../route.ts';
import { chapterOf } from './chapters.ts';
import type { Components, JsonSchema } from './components.ts';
import type { MediaType, Operation, Parameter, Reference, RequestBody, ResponseObject } from './document.ts';
import { exampleOf } from './example.ts';
import { operationId } from './operation-id.ts';
import { refusalName, refusalStatuses } from './refusals.ts';

/** One call of the table as OpenAPI has it. */
export function describeOperation(route: Route, components: Components): Operation {
  const parameters = [
    ...pathParameters(route, components),
    ...queryParameters(route, components),
    ...conditions(route),
  ];
  const body = route.takes.body;
  return {
    operationId: operationId(route),
    summary: route.answers,
    tags: [chapterOf(route.path)],
    security: security(route),
    'x-postern-permission': route.permission,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(route, body, components) }),
    responses: responses(route, components),
  };
}

function security({ method, permission, openHere, credential }: Route): Operation['security'] {
  if (permission === null) return [];
  const roles = permission === 'any' ? [] : [permission];
  const byCookie = [{ session: roles, ...(method === 'GET' ? {} : { csrf: [] }) }];
  if (credential === 'cookie') return byCookie;
  const byToken = [{ token: roles }, { email: [], key: roles }];
  // An empty requirement makes the others optional (OpenAPI 3.1 §4.8.30): for callers on the same machine.
  return openHere === true ? [{}, ...byToken] : [...byToken, ...byCookie];
}

function pathParameters({ path, takes: { params } }: Route, components: Components): readonly Parameter[] {
  const { properties = {} } = params === undefined ? {} : components.describe(params, 'input');
  return [...path.matchAll(/:([a-z]+)/g)].map(([, name = '']) => {
    const schema = properties[name];
    if (typeof schema !== 'object') throw new Error(`${path} takes no ${name}`);
    return parameter(name, 'path', true, schema);
  });
}

function queryParameters({ takes: { query } }: Route, components: Components): readonly Parameter[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = components.describe(query, 'input');
  return Object.entries(properties).flatMap(([name, schema]) =>
    typeof schema === 'object' ? [parameter(name, 'query', required.includes(name), schema)] : [],
  );
}

function parameter(name: string, place: 'path' | 'query', required: boolean, described: JsonSchema): Parameter {
  const { description, examples, ...schema } = described;
  return {
    name,
    in: place,
    required,
    ...(description === undefined ? {} : { description }),
    schema,
    ...(examples?.[0] === undefined ? {} : { example: examples[0] }),
  };
}

const CONDITIONS = {
  'if-match': {
    name: 'If-Match',
    description: 'The ETag of what is to be changed: refused where it is not that any more.',
  },
  'if-none-match': {
    name: 'If-None-Match',
    description: 'The ETag of what is known: answered with 304 where it is still that.',
  },
} as const;

function conditions({ precondition }: Route): readonly Parameter[] {
  if (precondition === null) return [];
  const { name, description } = CONDITIONS[precondition];
  return [{ name, in: 'header', required: false, description, schema: { type: 'string' } }];
}

function requestBody({ bytes }: Route, body: z.ZodType, components: Components): RequestBody {
  if (bytes !== null) {
    const schema = { type: 'string', format: 'binary', maxLength: bytes.most } as const;
    return { required: true, content: { [bytes.media]: { schema } } };
  }
  const schema = components.describe(body, 'input');
  const example = exampleOf(schema, components);
  return { required: !body.safeParse(undefined).success, content: { 'application/json': { schema, example } } };
}

function responses(route: Route, components: Components): Operation['responses'] {
  const { returns, precondition, takes } = route;
  const isFile = returns.shape.kind === 'file';
  const refused = refusalStatuses(route).map((status): [string, ResponseObject | Reference] => [
    String(status),
    // A file is outside the envelope, also where there is none.
    isFile && status === 404 && takes.params !== undefined
      ? { description: 'There is no such file.', content: { 'text/plain': { schema: { type: 'string' } } } }
      : { $ref: `#/components/responses/${refusalName(status)}` },
  ]);
  return {
    '200': success(route, components),
    ...(precondition === 'if-none-match' ? { '304': { description: 'It has not changed.', headers: TAGGED } } : {}),
    ...Object.fromEntries(refused),
  };
}

const NAMED = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } } as const;
const TAGGED = { ...NAMED, ETag: { $ref: '#/components/headers/ETag' } } as const;

function success({ answers, returns: { shape }, precondition }: Route, components: Components): ResponseObject {
  const headers = precondition === 'if-none-match' ? TAGGED : NAMED;
  return { description: answers, headers, content: content(shape, components) };
}

function content(shape: Shape, components: Components): Readonly<Record<string, MediaType>> {
  switch (shape.kind) {
    case 'file':
    case 'stream':
      return { [shape.media]: { schema: components.describe(shape.schema, 'output') } };
    case 'one':
    case 'list':
    case 'page':
    case 'cursor': {
      const schema = envelope(shape.kind, components.describe(shape.schema, 'output'), components);
      return { 'application/json': { schema, example: exampleOf(schema, components) } };
    }
  }
}

/** Cloudflare's envelope around a result. */
function envelope(kind: 'one' | 'list' | 'page' | 'cursor', schema: JsonSchema, components: Components): JsonSchema {
  const info = INFO[kind];
  const properties: Record<string, JsonSchema> = {
    success: { const: true },
    errors: { type: 'array', maxItems: 0 },
    messages: { type: 'array', items: components.describe(MESSAGE, 'output'), examples: [[]] },
    result: kind === 'one' ? schema : { type: 'array', items: schema },
    ...(info === null ? {} : { result_info: components.describe(info, 'output') }),
  };
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const INFO = { one: null, list: null, page: RESULT_INFO, cursor: CURSOR_INFO } as const;
