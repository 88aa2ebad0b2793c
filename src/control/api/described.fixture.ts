/** Holds answers of the API against its description: every test that asks the API asks this too. */

import { Readable } from 'node:stream';
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import type { MediaType, Operation, PathItem, ResponseObject } from './openapi/document.ts';
import { openApi } from './openapi/openapi.ts';
import { refusalName } from './openapi/refusals.ts';
import { ROUTES } from './table.ts';

/** An answer as it went over the wire. */
export interface Sent {
  readonly method: string;
  /** With or without a query. */
  readonly url: string;
  readonly status: number;
  readonly type: string | null;
  /** `null` for bytes that are no text. */
  readonly body: string | null;
}

/** The description that is served, but for the version. */
export const DESCRIPTION = openApi(ROUTES, '0.0.0');

const BASE = 'postern:description';
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats.default(ajv);
// What stands around the schemas is no schema.
ajv.addVocabulary(Object.keys(DESCRIPTION));
ajv.addSchema({ ...DESCRIPTION, $id: BASE });

/** Whether a value is what the schema at this place of the description says; what is wrong with it, or `null`. */
export function misfit(pointer: string, value: unknown): string | null {
  const validate: ValidateFunction = ajv.getSchema(`${BASE}#${pointer}`) ?? ajv.compile({ $ref: `${BASE}#${pointer}` });
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: '' });
}

// A literal in a path goes before a parameter, as with the router.
const PATHS = Object.keys(DESCRIPTION.paths)
  .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))
  .toSorted((a, b) => parameters(a.path) - parameters(b.path));

function parameters(path: string): number {
  return path.split('{').length;
}

/** What is wrong with an answer by the description; `null` where nothing is. */
export function undescribed(sent: Sent): string | null {
  const why = fault(sent);
  return why === null ? null : `${sent.method} ${sent.url} (${sent.status}) ${why}: ${sent.body?.slice(0, 500)}`;
}

function fault({ method, url, status, type, body }: Sent): string | null {
  const found = response(method, url, status);
  if (found === null) return 'has no such status in the description';
  if (body === '') return method === 'HEAD' || found.response.content === undefined ? null : 'has no body';
  const media = type?.split(';')[0] ?? '';
  const content: MediaType | undefined = found.response.content?.[media];
  if (content === undefined) return `is ${media}, which is not in the description`;
  if (body === null) return null;
  const value: unknown = media === 'application/json' ? JSON.parse(body) : body;
  return misfit(`${found.pointer}/content/${escaped(media)}/schema`, value);
}

interface Found {
  readonly pointer: string;
  readonly response: ResponseObject;
}

function response(method: string, url: string, status: number): Found | null {
  const path = pathOf(url);
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const item: PathItem = path === undefined ? {} : (DESCRIPTION.paths[path] ?? {});
  const operation = Object.entries(item).find(([name]) => name === verb)?.[1];
  if (path === undefined || operation === undefined) return refusal(refusalName(status));
  const described = operation.responses[String(status)];
  if (described === undefined) return null;
  if ('$ref' in described) return refusal(described.$ref.replace('#/components/responses/', ''));
  return { pointer: `/paths/${escaped(path)}/${verb}/responses/${status}`, response: described };
}

// Where there is no such call, nothing but a refusal can be the answer.
function refusal(name: string): Found | null {
  const described = DESCRIPTION.components.responses[name];
  return described === undefined ? null : { pointer: `/components/responses/${name}`, response: described };
}

function pathOf(url: string): string | undefined {
  const path = url
    .replace(/^https?:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .replace(/(?<=.)\/$/, '');
  return PATHS.find(({ pattern }) => pattern.test(path))?.path;
}

/** A step of a JSON pointer in a URI (RFC 6901 §6). */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Looks at every answer of a server from now on; the list fills with what the description does not say. */
export function watchAnswers(app: FastifyInstance): readonly string[] {
  const wrong: string[] = [];
  app.addHook('onSend', async (request, reply, payload) => {
    const bytes = payload instanceof Readable ? null : '';
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.toString() : bytes;
    const type = reply.getHeader('content-type');
    const { method, url } = request;
    const why = undescribed({
      method,
      url,
      status: reply.statusCode,
      type: type === undefined ? null : String(type),
      body,
    });
    if (why !== null) wrong.push(why);
    return payload;
  });
  return wrong;
}

/** All calls of the description, with their places in it. */
export function operations(): readonly { readonly pointer: string; readonly operation: Operation }[] {
  return Object.entries(DESCRIPTION.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({ pointer: `/paths/${escaped(path)}/${verb}`, operation })),
  );
}
