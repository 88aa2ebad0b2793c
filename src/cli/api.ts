import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { loadCertificates } from '../pki/read.ts';
import type { CursorInfo, ResultInfo } from '../wire/envelope.ts';
import { visible } from '../wire/visible.ts';
import { ask, type Exchanged, exchange, type Question, type Trust, textOf, unreachable } from './exchange.ts';
import { EXIT, Failure } from './failure.ts';
import { type Listening, readListening } from './listening.ts';

/** Where the API is, how to know it, and how to be let in. */
export interface ApiAccess {
  /** Origin of the listener, without a path. */
  readonly base: string;
  readonly trust: Trust;
  readonly token: string | null;
}

/** What a caller may say on the command line; the environment and the local data directory fill the rest. */
export interface ApiFlags {
  readonly api?: string | undefined;
  readonly apiCa?: string | undefined;
  readonly token?: string | undefined;
  readonly data?: string | undefined;
}

/** Finds the API: flags, then POSTERN_API and POSTERN_TOKEN, then what a running `postern up` left in its data directory. */
export function apiAccess(flags: ApiFlags): ApiAccess {
  const data = flags.data ?? process.env['POSTERN_DATA'];
  const token = flags.token ?? process.env['POSTERN_TOKEN'] ?? (data === undefined ? undefined : localToken(data));
  return { ...whereabouts(flags, data), token: token ?? null };
}

function whereabouts(flags: ApiFlags, data: string | undefined): Pick<ApiAccess, 'base' | 'trust'> {
  const named = flags.api ?? process.env['POSTERN_API'];
  if (named !== undefined && named !== '') return { base: baseUrl(named), trust: namedTrust(flags) };
  if (data !== undefined && named === undefined) {
    const { url, certificate } = localListening(data);
    // Only who may read the data directory gets here, and no CA could say more than the directory does.
    return { base: url, trust: certificate === null ? namedTrust(flags) : { kind: 'certificate', pem: certificate } };
  }
  throw new Failure(
    'No control plane is named.',
    'Add --api URL, set POSTERN_API, or give the data directory of a running "postern up" with --data DIR.',
  );
}

function namedTrust(flags: ApiFlags): Trust {
  const path = flags.apiCa ?? process.env['POSTERN_API_CA'];
  if (path === undefined || path === '') return { kind: 'system' };
  try {
    const pem = readFileSync(path, 'utf8');
    // An empty list of CAs would otherwise stand for those of the system.
    loadCertificates(pem);
    return { kind: 'cas', pem };
  } catch (error) {
    throw new Failure(
      `--api-ca ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      'Name a file with the CA of the API in PEM, or leave it out (POSTERN_API_CA too) where the system trusts it.',
    );
  }
}

/** What a running `postern up` wrote into its data directory. */
function localListening(data: string): Listening {
  const found = readListening(data);
  switch (found.kind) {
    case 'listening':
      return found;
    case 'absent':
      throw new Failure(
        `No Postern is running in ${data}: there is no listening.json.`,
        'Start one with "postern up --data DIR", or name the API with --api URL.',
      );
    case 'unclear':
      throw new Failure(
        `${found.path} does not say where an API listens.`,
        'Start "postern up" there anew, or name the API with --api URL.',
      );
  }
}

function localToken(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'bootstrap-token'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

// Both http://HOST:PORT and the base URL that Cloudflare's SDK wants are right.
function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Failure(
      `The address of the API is ${JSON.stringify(text)}, which is not a URL.`,
      'Write it like http://127.0.0.1:8400.',
    );
  }
  return url.origin;
}

interface Envelope<T> {
  readonly success: boolean;
  readonly result: T;
  readonly errors: readonly ApiError[];
  readonly messages: readonly ApiError[];
  readonly result_info?: ListInfo;
}

/** By pages or by a cursor. */
type ListInfo = Partial<ResultInfo & CursorInfo>;

/** One entry of the envelope's `errors`. */
export interface ApiError {
  readonly code: number;
  readonly message: string;
  /** Which field of what was sent it is about. */
  readonly source?: { readonly pointer?: string };
}

/** The API understood a call and refused it. */
export class Refusal extends Failure {
  /** HTTP status. */
  readonly status: number;
  readonly errors: readonly ApiError[];

  constructor(message: string, status: number, errors: readonly ApiError[]) {
    super(message, refusalFix(status), status === 429 || status >= 500 ? EXIT.undetermined : EXIT.wrongUse);
    this.status = status;
    this.errors = errors;
  }
}

/** Whether an error is a refusal with this code of the API. */
export function isRefusal(error: unknown, code: number): error is Refusal {
  return error instanceof Refusal && error.errors.some((one) => one.code === code);
}

export interface ApiAnswer<T> {
  readonly result: T;
  readonly messages: readonly string[];
  /** Where a list stands. */
  readonly info?: ListInfo;
}

const TIMEOUT = 30_000;

/** Calls the API. `path` begins with `/`; the shape of the result is the caller's knowledge of the route. */
export async function callApi<T>(
  access: ApiAccess,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer<T>> {
  const question = { method, url: access.base + path, token: access.token, trust: access.trust, body };
  const response = await reached(access, () => exchange({ ...question, within: TIMEOUT }));
  const envelope = readEnvelope<T>(response.text);
  if (envelope?.success !== true) throw refused(access, question, response);
  const { result, messages, result_info: info } = envelope;
  const answer = { result, messages: messages.map(({ message }) => message) };
  return info === undefined ? answer : { ...answer, info };
}

/** Why the API, if it is one, did not do as it was asked. */
function refused(access: ApiAccess, { method, url }: Question, { status, text }: Exchanged): Failure {
  const envelope = readEnvelope(text);
  if (envelope === null || envelope.success) {
    return new Failure(
      `${access.base} does not answer like a Postern API (HTTP ${status}).`,
      'Check --api or POSTERN_API.',
      EXIT.undetermined,
    );
  }
  const said = envelope.errors.map(({ code, message }) => `${visible(message)} (${code})`).join('; ');
  const path = url.slice(access.base.length);
  const what = status === UNAUTHENTICATED ? signIn(access) : `The API refused ${method} ${path}: ${said}`;
  return new Refusal(what, status, envelope.errors);
}

// A copy of a large store is made before the first byte comes.
const IDLE = 600_000;

/** Calls the API for a file, however long it is. */
export async function download(access: ApiAccess, { method, path, signal }: Download): Promise<IncomingMessage> {
  const question = { method, url: access.base + path, token: access.token, trust: access.trust };
  const response = await reached(access, () => ask(question, { signal, idle: IDLE }));
  if (response.statusCode === OK) return response;
  throw refused(access, question, { status: response.statusCode ?? 0, text: await textOf(response) });
}

interface Download {
  readonly method: string;
  readonly path: string;
  /** Calls it off. */
  readonly signal: AbortSignal;
}

function readEnvelope<T>(text: string): Envelope<T> | null {
  try {
    const found = JSON.parse(text) as Partial<Envelope<T>> | null;
    if (typeof found?.success !== 'boolean') return null;
    const { success, result, messages = [], errors = [], result_info: info } = found;
    // Something in between that answers in JSON of its own is no API of Postern.
    if (!areSaid(messages) || !areSaid(errors) || (success && result === undefined)) return null;
    return { success, result: result as T, messages, errors, ...(info === undefined ? {} : { result_info: info }) };
  } catch {
    return null;
  }
}

function areSaid(found: unknown): boolean {
  const isSaid = (one: unknown) =>
    typeof one === 'object' && one !== null && 'message' in one && typeof one.message === 'string';
  return Array.isArray(found) && found.every(isSaid);
}

/** All items of a list, page by page. `path` may hold a query; `perPage` is the most that the route gives at once. */
export async function listAll<T>(access: ApiAccess, path: string, perPage: number): Promise<ApiAnswer<readonly T[]>> {
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const query = `${path.includes('?') ? '&' : '?'}page=${page}&per_page=${perPage}`;
    const { result, messages, info } = await callApi<readonly T[]>(access, 'GET', `${path}${query}`);
    items.push(...result);
    // An empty page ends the list also where somebody deletes while we read.
    if (result.length === 0 || page >= (info?.total_pages ?? 0)) return { result: items, messages };
  }
}

/** Fetches public text, such as a trust bundle. */
export async function fetchText(access: ApiAccess, path: string): Promise<string> {
  const question = { method: 'GET', url: access.base + path, token: null, trust: access.trust };
  const { status, text } = await reached(access, () => exchange({ ...question, within: TIMEOUT }));
  if (status !== OK) throw new Failure(`${path} answered HTTP ${status}.`, 'Check the zone.', EXIT.undetermined);
  return text;
}

async function reached<T>({ base }: ApiAccess, asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    const { because, fix } = unreachable(error);
    throw new Failure(`The API at ${base} cannot be reached: ${because}`, fix, EXIT.undetermined);
  }
}

const OK = 200;
const UNAUTHENTICATED = 401;

function signIn({ base, token }: ApiAccess): string {
  return token === null
    ? `The API at ${base} asks for a token.`
    : `Authentication failed: the API at ${base} does not accept the token.`;
}

function refusalFix(status: number): string {
  return status === UNAUTHENTICATED || status === 403
    ? 'Set POSTERN_TOKEN, or give the data directory with --data DIR.'
    : 'Mend what is named and try again.';
}
