import { createHash, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { allWithin } from '../wire/networks.ts';
import { cookieName, sentCookie } from './api/session-cookie.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken } from './token.ts';
import { csrfSecret, SESSION_TEXT, sessionHash, type StoredSession } from './sessions.ts';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/** What a caller showed: a token, the cookie of a session, nothing at all, or something that is none of these. */
export type Credential =
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'legacy'; readonly hash: string; readonly email: string }
  | SessionCredential
  | { readonly kind: 'none'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly problem: Problem };

/** What goes on from here of a session's text. */
interface SessionCredential {
  readonly kind: 'session';
  readonly hash: string;
  /** What must come beside the cookie where something is changed. */
  readonly csrf: string;
}

/** Where and when a credential is shown. */
interface Occasion {
  readonly now: Instant;
  readonly from: string;
}

type Header = (name: string) => string | undefined;

/** How credentials are taken: whether e-mail and key count too, and whether the call came over TLS. */
interface Taking {
  readonly legacy: boolean;
  readonly secure: boolean;
}

/**
 * Reads what the caller shows; only the SHA-256 of it goes on from here. Whoever shows a token means that and no cookie,
 * which a browser sends unasked.
 */
export function readCredential(header: Header, { legacy, secure }: Taking): Credential {
  const authorization = header('authorization');
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    return token === undefined ? MALFORMED : { kind: 'token', hash: sha256(token) };
  }
  const [email, key] = [header('x-auth-email'), header('x-auth-key')];
  if (key === undefined) return readSession(header, secure);
  if (!legacy) return { kind: 'none', detail: 'e-mail and key are not accepted here' };
  return email === undefined ? MALFORMED : { kind: 'legacy', hash: sha256(key), email };
}

const MALFORMED: Credential = { kind: 'malformed', problem: problem('bad_authorization') };

function readSession(header: Header, secure: boolean): Credential {
  const cookie = sentCookie(header('cookie'), cookieName(secure));
  if (cookie.kind === 'unclear') return { kind: 'malformed', problem: problem('bad_cookie', cookie.detail) };
  if (cookie.kind === 'none') return { kind: 'none', detail: missing(header('x-auth-user-service-key') !== undefined) };
  const { value } = cookie;
  // What cannot be a session is none of ours: whoever signs in gets another in its place.
  if (!SESSION_TEXT.test(value)) return { kind: 'none', detail: SESSION_ENDED };
  return { kind: 'session', hash: sessionHash(value), csrf: csrfSecret(value) };
}

const SESSION_ENDED = 'the session has ended: sign in again';

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
  { tokenByHash, sessionByHash }: Pick<ControlPlane, 'tokenByHash' | 'sessionByHash'>,
  { now, from }: Occasion,
): StoredToken | Problem {
  if (credential.kind === 'malformed') return credential.problem;
  if (credential.kind === 'none') return problem('unauthenticated', credential.detail);
  const isSession = credential.kind === 'session';
  const shown = isSession ? liveSession(credential.hash, sessionByHash, now)?.tokenHash : credential.hash;
  const token = shown === undefined ? null : tokenByHash(shown);
  if (token === null || !sameText(token.hash, shown ?? '') || !sameOwner(token, credential) || !counts(token, now)) {
    return problem('unauthenticated', isSession ? SESSION_ENDED : 'not a valid token');
  }
  return allWithin([from], token.addresses) ? token : problem('forbidden', `the token may not be used from ${from}`);
}

/** Whether a token is in its time and not revoked. */
export function counts({ revokedAt, notBefore, expiresAt }: StoredToken, now: Instant): boolean {
  return revokedAt === null && (notBefore === null || now >= notBefore) && (expiresAt === null || now < expiresAt);
}

/** The session, while it lasts. What its token is worth is another question. */
export function liveSession(
  hash: string,
  sessionByHash: ControlPlane['sessionByHash'],
  now: Instant,
): StoredSession | null {
  const session = sessionByHash(hash);
  return session !== null && sameText(session.hash, hash) && now < session.expiresAt ? session : null;
}

// A legacy key is none without its address, and a token is no legacy key.
function sameOwner({ email }: StoredToken, credential: Exclude<Credential, { kind: 'none' | 'malformed' }>): boolean {
  if (credential.kind !== 'legacy') return email === null;
  return email !== null && sameText(sha256(email.toLowerCase()), sha256(credential.email.trim().toLowerCase()));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares in a time that does not depend on where two texts differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
