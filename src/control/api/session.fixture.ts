/** People who sign in at an API over a real connection, and what their browsers send. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TestContext } from 'node:test';
import type { ErrorEntry } from '../../wire/envelope.ts';
import { idOf, type Json, type StartedApi, startApi, textOf } from './api.fixture.ts';

export const SESSION = '/postern/v1/session';

/** An API that listens. */
export interface Listening extends StartedApi {
  readonly base: string;
}

/** Starts one on loopback. */
export async function listeningApi(t: TestContext, bent: Parameters<typeof startApi>[1] = {}): Promise<Listening> {
  const api = await startApi(t, bent);
  return { ...api, base: await api.app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** A new token, made by the first one: its id and its text. */
export async function tokenFor({ call }: StartedApi, rights: object = {}) {
  const draft = { name: 'one', permissions: ['zone:read'], zones: 'all', ...rights };
  const { result } = await call('POST', '/postern/v1/tokens', draft);
  return { id: idOf(result), text: textOf(result['token']) };
}

/** What is asked of an API, exactly as it shall go over the wire. */
export interface Wish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  /** Of a listener over TLS. */
  readonly ca?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly result: Json;
  readonly errors: readonly ErrorEntry[];
}

/** Asks with these fields and no others: no browser and no library adds any. */
export async function ask(url: string, wish: Wish = {}): Promise<Told> {
  const { method = 'GET', headers = {}, body, ca } = wish;
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
  const sent = send(url, { method, headers: fields, agent: false, ...(ca === undefined ? {} : { ca }) });
  const content = body === undefined ? '' : JSON.stringify(body);
  // Without it Node sends the body of a DELETE, and does not say that there is one.
  if (content !== '') sent.setHeader('content-length', Buffer.byteLength(content));
  sent.end(content);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const { result = {}, errors = [] } = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.statusCode ?? 0, headers: response.headers, text, result, errors };
}

/** A browser that is signed in. */
export interface Signed {
  /** `name=value`, as it sends it back. */
  readonly cookie: string;
  readonly csrf: string;
  /** The whole of Set-Cookie. */
  readonly given: string;
  readonly result: Json;
  /** For a call that reads. */
  readonly reads: Readonly<Record<string, string>>;
  /** For a call that changes something. */
  readonly writes: Readonly<Record<string, string>>;
}

/** Signs in with a token. */
export async function signedIn(base: string, token: string, wish: Wish = {}): Promise<Signed> {
  const told = await ask(base + SESSION, { ...wish, method: 'POST', body: { token } });
  assert.equal(told.status, 200, told.text);
  const [given = '', ...more] = told.headers['set-cookie'] ?? [];
  assert.deepEqual(more, []);
  const [cookie = ''] = given.split(';');
  const csrf = textOf(told.result['csrf']);
  const reads = { cookie };
  return { cookie, csrf, given, result: told.result, reads, writes: { ...reads, 'x-postern-csrf': csrf } };
}

/** The codes of an answer's errors. */
export function codesOf({ errors }: Told): readonly number[] {
  return errors.map(({ code }) => code);
}
