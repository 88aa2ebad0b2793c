import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import type { Actor } from './actor.ts';
import type { StoredToken } from './token.ts';

/**
 * A sign-in that goes on: what a browser holds in place of a token. It has no rights of its own; each call looks up what
 * its token may do by then.
 */
export interface StoredSession {
  /** SHA-256 of its text. */
  readonly hash: string;
  /** The id of its token. */
  readonly token: string;
  /** The hash that the token had at the sign-in: one with another text has another hash, and ends the session. */
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A new session: `text` is what the browser shows, told this once. */
export interface OpenedSession {
  readonly kind: 'session_opened';
  readonly session: StoredSession;
  readonly text: string;
}

/** Who signs in, by what, from where, and for how long at most (milliseconds). */
export interface SessionWish {
  readonly token: StoredToken;
  /** What was shown: the token itself, or the code that the start of Postern printed for it. */
  readonly by: 'token' | 'code';
  readonly from: string;
  readonly lasts: number;
}

/** When and from where a session made its last call, as far as this process saw. */
export interface SessionUse {
  readonly at: Instant;
  readonly from: string;
}

/** A session that lasts, and its last use; `null` where it made no call since the control plane started. */
export interface UsedSession {
  readonly session: StoredSession;
  readonly used: SessionUse | null;
}

/** Which sessions of a token are to end: the one with this id, or all but one that is named by its hash. */
export interface SessionEnd {
  readonly token: string;
  readonly which: { readonly kind: 'one'; readonly id: string } | { readonly kind: 'all'; readonly but: string | null };
}

/** What was ended, by ids. */
export interface SessionsEnded {
  readonly kind: 'sessions_ended';
  readonly ids: readonly string[];
}

/** The sessions of an installation. */
export interface SessionKeeping {
  readonly sessionByHash: (hash: string) => StoredSession | null;
  readonly openSession: (wish: SessionWish) => Promise<OpenedSession | Problem>;
  /** Ends one. Whether it was there is no matter: afterwards it is not. */
  readonly closeSession: (hash: string, actor: Actor) => Promise<{ readonly kind: 'session_closed' } | Problem>;
  /** A call was made by this session. */
  readonly sessionUsed: (hash: string, from: string) => void;
  /** Those of a token that last, the oldest first. */
  readonly sessionsOf: (token: string) => readonly UsedSession[];
  /** Ends sessions that are somebody else's, or one's own elsewhere. */
  readonly endSessions: (wish: SessionEnd, actor: Actor) => Promise<SessionsEnded | Problem>;
}

/** What the text of a session looks like: 256 random bits in base64url. */
export const SESSION_TEXT = /^[A-Za-z0-9_-]{43}$/;

/** A session to order, not stored yet. It never outlives its token. */
export function newSession({ token, lasts }: SessionWish, now: Instant): OpenedSession {
  const text = randomBytes(32).toString('base64url');
  const expiresAt = Math.min(now + lasts, token.expiresAt ?? Number.POSITIVE_INFINITY);
  const session = { hash: sessionHash(text), token: token.id, tokenHash: token.hash, createdAt: now, expiresAt };
  return { kind: 'session_opened', session, text };
}

/** Enough to tell sessions apart: what the audit log and the API name one by. Nobody can sign in with it. */
export function sessionId({ hash }: Pick<StoredSession, 'hash'>): string {
  return hash.slice(0, 16);
}

/** SHA-256 of a session's text, lower-case hex. */
export function sessionHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * What a page must send beside the cookie to change anything. Derived from the session's text, so that nothing more is
 * stored, and only who holds the text can know it; from it the text cannot be found.
 */
export function csrfSecret(text: string): string {
  return createHmac('sha256', text).update('postern csrf').digest('base64url');
}
