import { ACCOUNT_TYPES, type Account } from '../domain/account.ts';
import { accountId, instant } from '../domain/ids.ts';
import type { Store } from './store.ts';
import { damaged } from './stored.ts';

/** Stores an account in place of what was there under its id. */
export async function writeAccount(store: Store, { id, name, type, createdAt }: Account): Promise<void> {
  await store
    .insertInto('accounts')
    .values({ id, name, type, created_at: createdAt })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, type }))
    .execute();
}

/** All accounts, oldest first. Throws StartError for rows it cannot read. */
export async function loadAccounts(store: Store): Promise<readonly Account[]> {
  const rows = await store.selectFrom('accounts').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(({ id, name, type, created_at: createdAt }) => ({
    id: accountId(id) ?? damaged('an account id', id),
    name,
    type: ACCOUNT_TYPES.find((known) => known === type) ?? damaged('a type of account', type),
    createdAt: instant(createdAt),
  }));
}
