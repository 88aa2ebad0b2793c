import { createHash, randomBytes } from 'node:crypto';
import { accountId, type Instant, zoneId } from '../domain/ids.ts';
import type { StoredToken, TokenDraft } from './token.ts';
import type { Store } from './store.ts';
import { damaged, storedList } from './stored.ts';

/** A new token: the text its bearer shows, and what is stored of it. */
export interface NewToken {
  readonly text: string;
  readonly stored: StoredToken;
}

/** The first token of an installation: may do everything, until it is revoked. */
export function createBootstrapToken(now: Instant): NewToken {
  const everywhere = { zones: 'all', accounts: 'all', addresses: [] } as const;
  const rights = { permissions: ['*'], ...everywhere, notBefore: null, expiresAt: null };
  const { text, stored } = newToken({ name: 'bootstrap', email: null, ...rights }, now);
  return { text, stored: { ...stored, bootstrap: true } };
}

/** A token made to order, not stored yet. */
export function newToken(draft: TokenDraft, now: Instant): NewToken {
  const text = newTokenText();
  const id = randomBytes(16).toString('hex');
  const times = { createdAt: now, modifiedAt: now, revokedAt: null };
  return { text, stored: { ...draft, ...times, id, hash: tokenHash(text), bootstrap: false } };
}

/** A text that nobody can guess: 256 random bits. */
export function newTokenText(): string {
  return `pst_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 of a token's text, lower-case hex. Good enough for 256 random bits: there is nothing to guess. */
export function tokenHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Stores a token without its text, in place of what was there under its id. */
export async function writeToken(store: Store, token: StoredToken): Promise<void> {
  const { id, name, hash, email } = token;
  const row = {
    name,
    hash,
    email,
    permissions: JSON.stringify(token.permissions),
    zones: JSON.stringify(token.zones),
    accounts: JSON.stringify(token.accounts),
    addresses: JSON.stringify(token.addresses),
    bootstrap: token.bootstrap ? 1 : 0,
    not_before: token.notBefore,
    created_at: token.createdAt,
    modified_at: token.modifiedAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
  } as const;
  await store
    .insertInto('tokens')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** All tokens, oldest first, those that were revoked too. Throws StartError for rows it cannot read. */
export async function loadTokens(store: Store): Promise<readonly StoredToken[]> {
  const rows = await store.selectFrom('tokens').selectAll().orderBy('created_at').execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hash: row.hash,
    email: row.email,
    permissions: storedList(row.permissions),
    zones: storedScope(row.zones, (id) => zoneId(id) ?? damaged('a zone id', id)),
    accounts: storedScope(row.accounts, (id) => accountId(id) ?? damaged('an account id', id)),
    addresses: storedList(row.addresses),
    bootstrap: row.bootstrap === 1,
    notBefore: row.not_before,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }));
}

function storedScope<Id>(json: string, parse: (text: string) => Id): 'all' | readonly Id[] {
  return json === '"all"' ? 'all' : storedList(json).map(parse);
}
