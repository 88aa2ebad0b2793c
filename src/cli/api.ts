import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Failure } from './failure.ts';

/** Where the API is and how to be let in. */
export interface ApiAccess {
  /** Origin of the listener, without a path. */
  readonly base: string;
  readonly token: string | null;
}

/** What a caller may say on the command line; the environment and the local data directory fill the rest. */
export interface ApiFlags {
  readonly api?: string | undefined;
  readonly token?: string | undefined;
  readonly data?: string | undefined;
}

/** Finds the API: flags, then POSTERN_API and POSTERN_TOKEN, then what a running `postern up` left in its data directory. */
export function apiAccess(flags: ApiFlags): ApiAccess {
  const data = flags.data ?? process.env['POSTERN_DATA'];
  const local = data === undefined ? null : localAccess(data);
  const address = flags.api ?? process.env['POSTERN_API'] ?? local?.base;
  if (address === undefined || address === '') {
    throw new Failure(
      'No control plane is named.',
      'Add --api URL, set POSTERN_API, or give the data directory of a running "postern up" with --data DIR.',
    );
  }
  return { base: baseUrl(address), token: flags.token ?? process.env['POSTERN_TOKEN'] ?? local?.token ?? null };
}

function localAccess(data: string): { readonly base: string | undefined; readonly token: string | undefined } {
  const listening = readIfThere(join(data, 'listening.json'));
  const base = listening === undefined ? undefined : `http://${(JSON.parse(listening) as { api: string }).api}`;
  return { base, token: readIfThere(join(data, 'bootstrap-token'))?.trim() };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
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
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly messages: readonly { readonly code: number; readonly message: string }[];
}

export interface ApiAnswer<T> {
  readonly result: T;
  readonly messages: readonly string[];
}

const TIMEOUT = 30_000;

/** Calls the API. `path` begins with `/`; the shape of the result is the caller's knowledge of the route. */
export async function callApi<T>(
  access: ApiAccess,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer<T>> {
  const response = await send(access, method, path, body);
  const envelope = (await response.json().catch(() => null)) as Envelope<T> | null;
  if (envelope === null || typeof envelope.success !== 'boolean') {
    throw new Failure(
      `${access.base} does not answer like a Postern API (HTTP ${response.status}).`,
      'Check --api or POSTERN_API.',
      EXIT.undetermined,
    );
  }
  if (!envelope.success) {
    const said = envelope.errors.map(({ code, message }) => `${message} (${code})`).join('; ');
    throw new Failure(`The API refused ${method} ${path}: ${said}`, refusalFix(response.status), EXIT.wrongUse);
  }
  return { result: envelope.result, messages: envelope.messages.map(({ message }) => message) };
}

/** Fetches public text, such as a trust bundle. */
export async function fetchText(access: ApiAccess, path: string): Promise<string> {
  const response = await send({ ...access, token: null }, 'GET', path);
  const text = await response.text();
  if (!response.ok)
    throw new Failure(`${path} answered HTTP ${response.status}.`, 'Check the zone.', EXIT.undetermined);
  return text;
}

async function send({ base, token }: ApiAccess, method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(TIMEOUT), redirect: 'error' };
  try {
    return await fetch(base + path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Failure(
      `The API at ${base} cannot be reached: ${cause}`,
      'Is "postern up" running there? Check --api or POSTERN_API.',
      EXIT.undetermined,
    );
  }
}

function refusalFix(status: number): string {
  return status === 401 || status === 403
    ? 'Set POSTERN_TOKEN, or give the data directory with --data DIR.'
    : 'Mend what is named and try again.';
}
