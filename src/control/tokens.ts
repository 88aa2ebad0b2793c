import { createHash, randomBytes } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import type { StoredToken } from './plane.ts';
import type { Store } from './store.ts';
import { storedList } from './zone-load.ts';

/** A new token: the text its bearer shows, and what is stored of it. */
export interface NewToken {
  readonly text: string;
  readonly stored: StoredToken;
}

/** The first token of an installation: may do everything, until it is revoked. */
export function createBootstrapToken(now: Instant): NewToken {
  const text = `pst_${randomBytes(32).toString('base64url')}`;
  const stored = {
    id: randomBytes(16).toString('hex'),
    name: 'bootstrap',
    hash: tokenHash(text),
    permissions: ['*'],
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
  };
  return { text, stored };
}

/** SHA-256 of a token's text, lower-case hex. Good enough for 256 random bits: there is nothing to guess. */
export function tokenHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Stores a token without its text. */
export async function writeToken(store: Store, token: StoredToken): Promise<void> {
  const { id, name, hash, permissions, createdAt, expiresAt, revokedAt } = token;
  const times = { created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt };
  await store
    .insertInto('tokens')
    .values({ id, name, hash, permissions: JSON.stringify(permissions), ...times })
    .execute();
}

/** All tokens by their hash. */
export async function loadTokens(store: Store): Promise<ReadonlyMap<string, StoredToken>> {
  const rows = await store.selectFrom('tokens').selectAll().execute();
  return new Map(
    rows.map(({ id, name, hash, permissions, created_at, expires_at, revoked_at }) => [
      hash,
      {
        id,
        name,
        hash,
        permissions: storedList(permissions),
        createdAt: created_at,
        expiresAt: expires_at,
        revokedAt: revoked_at,
      },
    ]),
  );
}
