import { createHash, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { StoredToken } from './plane.ts';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/** What a caller showed: a token, nothing at all, or something that is neither. */
export type Credential =
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'none'; readonly detail: string }
  | { readonly kind: 'malformed' };

/** Reads the caller's token. Only its SHA-256 goes on from here. */
export function readCredential(header: (name: string) => string | undefined): Credential {
  const authorization = header('authorization');
  if (authorization === undefined) {
    const legacy = header('x-auth-key') !== undefined;
    return { kind: 'none', detail: legacy ? 'e-mail and key are not accepted here' : 'no Authorization header' };
  }
  const token = BEARER.exec(authorization)?.[1];
  return token === undefined
    ? { kind: 'malformed' }
    : { kind: 'token', hash: createHash('sha256').update(token).digest('hex') };
}

/**
 * Whose token this is, or why it does not count. All the ways in which a token is bad give the same answer. Looking up
 * a hash takes no time that depends on the token; the comparison guards against a store that matches loosely.
 */
export function authenticate(
  credential: Credential,
  tokenByHash: (hash: string) => StoredToken | null,
  now: Instant,
): StoredToken | Problem {
  if (credential.kind === 'malformed') return problem('bad_authorization');
  if (credential.kind === 'none') return problem('unauthenticated', credential.detail);
  const token = tokenByHash(credential.hash);
  if (token === null || !sameHash(token.hash, credential.hash)) return problem('unauthenticated', 'not a valid token');
  const ended = token.revokedAt !== null || (token.expiresAt !== null && now >= token.expiresAt);
  return ended ? problem('unauthenticated', 'not a valid token') : token;
}

function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
