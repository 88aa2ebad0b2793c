import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { DeliveryFailure, Outcome } from '../../domain/delivery.ts';
import { addressClass, plainAddress } from '../../pull/address-class.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import type { SystemLookup } from '../../pull/resolve.ts';
import { isTlsError } from './tls-error.ts';

/** A webhook to call. */
export interface WebhookCall {
  readonly url: string;
  /** Whether whoever named it may name private addresses. */
  readonly mayBePrivate: boolean;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What calls are made with. */
export interface WebhookMeans {
  readonly addresses: AddressPolicy;
  readonly lookup: SystemLookup;
  /** Calls it off. */
  readonly signal: AbortSignal;
}

const WITHIN = 10_000;
/** Of an answer nothing but its status matters. */
const MOST_READ = 4_096;

/**
 * Calls a webhook once. Each address is judged after its name was resolved, and the connection goes to an address that was
 * judged, so that a name which changes its mind in between leads nowhere else. Redirects are not followed.
 */
export async function callWebhook(call: WebhookCall, { addresses, lookup, signal }: WebhookMeans): Promise<Outcome> {
  const url = new URL(call.url);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(WITHIN)]);
  try {
    const found = await within(deadline, resolved(url, lookup));
    const chosen = judged(url, found, call.mayBePrivate, addresses);
    if (typeof chosen === 'string') return { failure: chosen, status: null };
    return verdict(await exchanged(url, call, { chosen, deadline }));
  } catch (error) {
    return { failure: deadline.aborted ? 'timeout' : failureOf(error), status: null };
  }
}

function resolved(url: URL, lookup: SystemLookup): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return Promise.resolve([host]);
  return new Promise((found, failed) =>
    lookup(host, { all: true }, (error, list) =>
      error === null ? found(list.map(({ address }) => address)) : failed(error),
    ),
  );
}

function judged(
  url: URL,
  found: readonly string[],
  mayBePrivate: boolean,
  { objection }: AddressPolicy,
): readonly string[] | DeliveryFailure {
  if (found.length === 0) return 'unresolvable';
  const secure = url.protocol === 'https:';
  const port = Number(url.port === '' ? (secure ? 443 : 80) : url.port);
  const allowed = found.filter((address) => objection(address, port, mayBePrivate) === null);
  if (allowed.length === 0) return 'address_forbidden';
  const fit = secure ? allowed : allowed.filter((address) => addressClass(plainAddress(address)) === 'private');
  return fit.length === 0 ? 'plain_http' : fit;
}

interface Way {
  readonly chosen: readonly string[];
  readonly deadline: AbortSignal;
}

/** Sends the request; resolves with the status once so much of the answer is read as matters. */
function exchanged(url: URL, { body, fields }: WebhookCall, { chosen, deadline }: Way): Promise<number> {
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'postern',
    ...fields,
  };
  return new Promise((answered, failed) => {
    const options = { method: 'POST', headers, agent: false, lookup: fixed(chosen), signal: deadline } as const;
    const call = request(url, options, (answer) => {
      void readTo(answer, MOST_READ).then(() => {
        answered(answer.statusCode ?? 0);
        call.destroy();
      });
    });
    call.on('error', failed);
    call.end(body);
  });
}

// Whatever breaks an answer off, its status has come.
function readTo(answer: IncomingMessage, most: number): Promise<void> {
  return new Promise((done) => {
    let read = 0;
    answer.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > most) done();
    });
    for (const end of ['end', 'close', 'error']) answer.on(end, () => done());
  });
}

function fixed(chosen: readonly string[]): LookupFunction {
  const all = chosen.map((address) => ({ address, family: isIP(address) }));
  return (_name, options, done) => {
    const [first] = all;
    if (options.all === true) done(null, all);
    else done(null, first?.address ?? '', first?.family ?? 0);
  };
}

function verdict(status: number): Outcome {
  if (status >= 200 && status < 300) return { failure: null, status };
  if (status >= 300 && status < 400) return { failure: 'redirected', status };
  return { failure: status === 410 ? 'gone' : 'status', status };
}

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);

function failureOf(error: unknown): DeliveryFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (UNRESOLVED.has(code)) return 'unresolvable';
  return isTlsError(code) ? 'tls' : 'unreachable';
}

async function within<T>(deadline: AbortSignal, job: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(deadline.reason);
  deadline.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([job, ended.promise]);
  } finally {
    deadline.removeEventListener('abort', end);
  }
}
