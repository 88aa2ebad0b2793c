import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { writeAuditEvent } from './audit-events.ts';
import { errorFields } from './log.ts';
import type { Actor } from './actor.ts';
import type { StoredToken } from './token.ts';
import type { RegistryParts } from './registry-parts.ts';
import { deleteSessions, writeSession } from './session-rows.ts';
import {
  newSession,
  type OpenedSession,
  type SessionEnd,
  sessionId,
  type SessionKeeping,
  type SessionsEnded,
  type SessionUse,
  type SessionWish,
  type StoredSession,
  type UsedSession,
} from './sessions.ts';
import type { Store } from './store.ts';

interface SessionParts extends Omit<RegistryParts, 'limit'> {
  /** Told of each token whose session ended by itself or was ended, after the store has it. */
  readonly ended: (token: string) => void;
}

/** A token that is in a hundred browsers is no longer one person's. The oldest of its sessions makes room. */
const MOST_PER_TOKEN = 50;

interface Step {
  readonly command: 'sign_in' | 'sign_out' | 'end_sessions';
  readonly actor: Actor;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** The sessions in memory and in the store, so that a restart leaves people signed in. */
export class SessionRegistry implements SessionKeeping {
  readonly #parts: SessionParts;
  readonly #byHash: Map<string, StoredSession>;
  /** In memory alone: a write for each call would be too many. */
  readonly #used = new Map<string, SessionUse>();

  constructor(parts: SessionParts, sessions: readonly StoredSession[]) {
    this.#parts = parts;
    this.#byHash = new Map(sessions.map((session) => [session.hash, session]));
  }

  readonly sessionByHash = (hash: string): StoredSession | null => this.#byHash.get(hash) ?? null;

  readonly openSession = (wish: SessionWish): Promise<OpenedSession | Problem> =>
    this.#parts.inTurn(async () => {
      const now = this.#parts.clock();
      const opened = newSession(wish, now);
      const { session } = opened;
      const leaving = this.#leaving(session.token, now);
      const step: Step = {
        command: 'sign_in',
        actor: { token: session.token, from: wish.from },
        before: {},
        after: { session: sessionId(session), by: wish.by, expires_at: session.expiresAt },
      };
      const refused = await this.#store(step, async (store) => {
        await deleteSessions(store, leaving);
        await writeSession(store, session);
      });
      if (refused !== null) return refused;
      this.#byHash.set(session.hash, session);
      this.sessionUsed(session.hash, wish.from);
      this.#forget(leaving);
      return opened;
    });

  readonly closeSession: SessionKeeping['closeSession'] = (hash, actor) =>
    this.#parts.inTurn(async () => {
      const closed = { kind: 'session_closed' } as const;
      const session = this.#byHash.get(hash);
      if (session === undefined) return closed;
      const step: Step = { command: 'sign_out', actor, before: { session: sessionId(session) }, after: {} };
      const refused = await this.#store(step, (store) => deleteSessions(store, [hash]));
      if (refused !== null) return refused;
      this.#forget([hash]);
      return closed;
    });

  readonly sessionUsed = (hash: string, from: string): void => {
    if (this.#byHash.has(hash)) this.#used.set(hash, { at: this.#parts.clock(), from });
  };

  readonly sessionsOf = (token: string): readonly UsedSession[] => {
    const now = this.#parts.clock();
    return [...this.#byHash.values()]
      .filter((session) => session.token === token && session.expiresAt > now)
      .map((session) => ({ session, used: this.#used.get(session.hash) ?? null }));
  };

  readonly endSessions = (wish: SessionEnd, actor: Actor): Promise<SessionsEnded | Problem> =>
    this.#parts.inTurn(async () => {
      const ending = this.sessionsOf(wish.token)
        .map(({ session }) => session)
        .filter((session) => isMeant(session, wish));
      const ids = ending.map(sessionId);
      if (wish.which.kind === 'one' && ids.length === 0) return problem('session_not_found');
      const ended = { kind: 'sessions_ended', ids } as const;
      if (ids.length === 0) return ended;
      const hashes = ending.map(({ hash }) => hash);
      const step: Step = { command: 'end_sessions', actor, before: { token: wish.token, sessions: ids }, after: {} };
      const refused = await this.#store(step, (store) => deleteSessions(store, hashes));
      if (refused !== null) return refused;
      this.#forget(hashes);
      return ended;
    });

  /** Ends those that a change of their token has ended; the store has removed them together with the change. */
  outlived({ id, hash, revokedAt }: StoredToken): void {
    for (const session of this.#byHash.values()) {
      const same = revokedAt === null && session.tokenHash === hash;
      if (session.token === id && !same) this.#drop(session.hash);
    }
  }

  /** Those that make room for one more of a token: whatever has ended, and the oldest of its own beyond the limit. */
  #leaving(token: string, now: Instant): readonly string[] {
    const all = [...this.#byHash.values()];
    const own = all.filter((session) => session.token === token && session.expiresAt > now);
    const oldest = own.slice(0, Math.max(0, own.length + 1 - MOST_PER_TOKEN));
    return [...all.filter(({ expiresAt }) => expiresAt <= now), ...oldest].map(({ hash }) => hash);
  }

  async #store(step: Step, write: (store: Store) => Promise<void>): Promise<Problem | null> {
    const { store, clock, log, revision } = this.#parts;
    const { command, actor } = step;
    try {
      await store.transaction().execute(async (transaction) => {
        await write(transaction);
        await writeAuditEvent(transaction, revision(), { ...step, at: clock(), zone: null, account: null });
      });
    } catch (error) {
      log('session_not_stored', { command, ...errorFields(error) });
      return problem('unavailable');
    }
    log(command, { token: actor.token, from: actor.from });
    return null;
  }

  #forget(hashes: readonly string[]): void {
    const tokens = new Set<string>();
    for (const hash of hashes) {
      const token = this.#byHash.get(hash)?.token;
      if (token !== undefined) tokens.add(token);
      this.#drop(hash);
    }
    for (const token of tokens) this.#parts.ended(token);
  }

  #drop(hash: string): void {
    this.#byHash.delete(hash);
    this.#used.delete(hash);
  }
}

function isMeant(session: StoredSession, { which }: SessionEnd): boolean {
  return which.kind === 'one' ? sessionId(session) === which.id : session.hash !== which.but;
}
