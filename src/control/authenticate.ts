import { createHash, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { allWithin } from '../wire/networks.ts';
import type { StoredToken } from './plane.ts';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/** What a caller showed: a token, nothing at all, or something that is neither. */
export type Credential =
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'legacy'; readonly hash: string; readonly email: string }
  | { readonly kind: 'none'; readonly detail: string }
  | { readonly kind: 'malformed' };

/** Where and when a credential is shown. */
interface Occasion {
  readonly now: Instant;
  readonly from: string;
}

/** Reads the caller's token. Only its SHA-256 goes on from here. `legacy` says whether e-mail and key count too. */
export function readCredential(header: (name: string) => string | undefined, legacy = false): Credential {
  const authorization = header('authorization');
  if (authorization === undefined) {
    const [email, key] = [header('x-auth-email'), header('x-auth-key')];
    if (key === undefined) return { kind: 'none', detail: missing(header('x-auth-user-service-key') !== undefined) };
    if (!legacy) return { kind: 'none', detail: 'e-mail and key are not accepted here' };
    return email === undefined ? { kind: 'malformed' } : { kind: 'legacy', hash: sha256(key), email };
  }
  const token = BEARER.exec(authorization)?.[1];
  return token === undefined ? { kind: 'malformed' } : { kind: 'token', hash: sha256(token) };
}

// Cloudflare has keys that do nothing but /certificates. A token with that one permission is the same, and can be limited.
function missing(serviceKey: boolean): string {
  return serviceKey ? 'no Origin CA keys here: use a token with ssl:edit' : 'no Authorization header';
}

/**
 * Whose token this is, or why it does not count. All the ways in which a token is bad give the same answer; a good one
 * in a wrong place is told so, as at Cloudflare. Looking up a hash takes no time that depends on the token; the
 * comparison guards against a store that matches loosely.
 */
export function authenticate(
  credential: Credential,
  tokenByHash: (hash: string) => StoredToken | null,
  { now, from }: Occasion,
): StoredToken | Problem {
  if (credential.kind === 'malformed') return problem('bad_authorization');
  if (credential.kind === 'none') return problem('unauthenticated', credential.detail);
  const token = tokenByHash(credential.hash);
  if (
    token === null ||
    !sameHash(token.hash, credential.hash) ||
    !sameOwner(token, credential) ||
    !counts(token, now)
  ) {
    return problem('unauthenticated', 'not a valid token');
  }
  return allWithin([from], token.addresses) ? token : problem('forbidden', `the token may not be used from ${from}`);
}

/** Whether a token is in its time and not revoked. */
export function counts({ revokedAt, notBefore, expiresAt }: StoredToken, now: Instant): boolean {
  return revokedAt === null && (notBefore === null || now >= notBefore) && (expiresAt === null || now < expiresAt);
}

// A legacy key is none without its address, and a token is no legacy key.
function sameOwner({ email }: StoredToken, credential: Exclude<Credential, { kind: 'none' | 'malformed' }>): boolean {
  if (credential.kind === 'token') return email === null;
  return email !== null && sameHash(sha256(email.toLowerCase()), sha256(credential.email.trim().toLowerCase()));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
