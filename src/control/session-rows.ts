import type { StoredToken } from './token.ts';
import type { StoredSession } from './sessions.ts';
import type { Store } from './store.ts';

/** Stores a new session. */
export async function writeSession(store: Store, session: StoredSession): Promise<void> {
  const { hash, token, tokenHash, createdAt, expiresAt } = session;
  await store
    .insertInto('sessions')
    .values({ hash, token, token_hash: tokenHash, created_at: createdAt, expires_at: expiresAt })
    .execute();
}

/** Removes sessions. */
export async function deleteSessions(store: Store, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) await store.deleteFrom('sessions').where('hash', '=', hash).execute();
}

/** Removes those that a change of their token has ended. */
export async function deleteOutlived(store: Store, { id, hash, revokedAt }: StoredToken): Promise<void> {
  const own = store.deleteFrom('sessions').where('token', '=', id);
  await (revokedAt === null ? own.where('token_hash', '!=', hash) : own).execute();
}

/** Removes all: after a restore, whoever was signed in when the backup was taken is not. */
export async function deleteAllSessions(store: Store): Promise<void> {
  await store.deleteFrom('sessions').execute();
}

/** All sessions, oldest first; those that have ended are removed. */
export async function loadSessions(store: Store, now: number): Promise<readonly StoredSession[]> {
  await store.deleteFrom('sessions').where('expires_at', '<=', now).execute();
  const rows = await store.selectFrom('sessions').selectAll().orderBy('created_at').execute();
  return rows.map((row) => ({
    hash: row.hash,
    token: row.token,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}
