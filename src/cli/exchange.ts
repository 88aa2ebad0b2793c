import { type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { PeerCertificate } from 'node:tls';

/** Whose word is taken for it that an API over TLS is the one that is meant. */
export type Trust =
  /** The CAs of this system. */
  | { readonly kind: 'system' }
  /** These CAs in PEM and no others (`--api-ca`). */
  | { readonly kind: 'cas'; readonly pem: string }
  /** This very certificate, as the data directory of a local Postern names it. Which names it holds is then of no matter. */
  | { readonly kind: 'certificate'; readonly pem: string };

/** A request, to whom and in whose name. */
export interface Question {
  readonly method: string;
  readonly url: string;
  readonly token: string | null;
  readonly trust: Trust;
  readonly body?: unknown;
  /** Entity tag of what the caller has already (RFC 9110 §13.1.2). */
  readonly unless?: string | null;
}

interface Exchange extends Question {
  /** How long it may take, in milliseconds. */
  readonly within: number;
}

export interface Exchanged {
  readonly status: number;
  readonly text: string;
}

const MAX_ANSWER = 64 * 1024 * 1024;

/** One request and its answer. Rejects with the system's error. */
export async function exchange({ within, ...question }: Exchange): Promise<Exchanged> {
  const response = await ask(question, { signal: AbortSignal.timeout(within) });
  return { status: response.statusCode ?? 0, text: await textOf(response) };
}

/** What calls a request off: somebody, or that nothing happens for so many milliseconds. */
interface Patience {
  readonly signal: AbortSignal;
  readonly idle?: number;
}

/**
 * One request, and its answer as soon as that begins. Redirects are not followed: they would carry the token elsewhere.
 * Rejects with the system's error. (`fetch` cannot be told whom to trust without a package.)
 */
export function ask(
  { method, url, token, trust, body, unless = null }: Question,
  patience: Patience,
): Promise<IncomingMessage> {
  const payload = body === undefined ? null : JSON.stringify(body);
  const headers = {
    accept: 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(unless === null ? {} : { 'if-none-match': unless }),
    ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  };
  const { signal, idle = 0 } = patience;
  const options: RequestOptions = { method, headers, signal };
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, ...tlsOptions(trust) }, resolve)
      : httpRequest(url, options, resolve);
    request.on('error', reject);
    request.setTimeout(idle, () => request.destroy(new Error(`nothing came for ${idle / 1000} seconds`)));
    request.end(payload);
  });
}

/** All of an answer as text. */
export async function textOf(response: IncomingMessage, most = MAX_ANSWER): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tlsOptions(trust: Trust) {
  switch (trust.kind) {
    case 'system':
      return {};
    case 'cas':
      return { ca: trust.pem };
    case 'certificate':
      // A leaf as its own anchor, which stands above no other: the peer shows this one or the handshake fails.
      return { ca: trust.pem, allowPartialTrustChain: true, checkServerIdentity: samePem(trust.pem) };
  }
}

function samePem(pem: string) {
  const expected = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return (_name: string, { raw }: PeerCertificate): Error | undefined =>
    raw.equals(expected) ? undefined : new Error('another certificate than the one in the data directory');
}

/** Why an exchange failed, in words for people, and what to do. */
export function unreachable(error: unknown): { readonly because: string; readonly fix: string } {
  if (!(error instanceof Error)) return { because: String(error), fix: USUAL_FIX };
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { because: error.message, fix: 'Use a name that the certificate holds, in --api or POSTERN_API.' };
  }
  if (code === 'CERT_HAS_EXPIRED') return { because: 'its certificate has expired', fix: 'Renew it (--api-cert).' };
  if (UNTRUSTED.test(code)) {
    return { because: `its certificate is not trusted (${code})`, fix: 'Name its CA with --api-ca or POSTERN_API_CA.' };
  }
  if (code === 'EPROTO') return { because: 'it does not speak TLS', fix: 'Write its address with http://.' };
  if (code === 'ECONNRESET') {
    return { because: error.message, fix: 'If it speaks TLS, write its address with https://.' };
  }
  return { because: error.message, fix: USUAL_FIX };
}

// What OpenSSL calls a path that leads to no anchor, in Node's spelling.
const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED|INVALID_CA)/;
const USUAL_FIX = 'Is "postern up" running there? Check --api or POSTERN_API.';
