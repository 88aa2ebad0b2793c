import type { PrivateKey } from '../pki/keys.ts';
import type { Store } from './store.ts';
import { damaged } from './stored.ts';
import type { Purpose, StoredSecret, Vault } from './vault.ts';

/** Seals keys into the store; one that is there already under the same purpose and id is replaced. */
export async function putSecrets(store: Store, vault: Vault, secrets: readonly StoredSecret[]): Promise<void> {
  for (const { purpose, id, zone, key } of secrets) {
    const sealed = vault.seal(purpose, id, key);
    await store
      .insertInto('secrets')
      .values({ purpose, id, zone, sealed })
      .onConflict((conflict) => conflict.columns(['purpose', 'id']).doUpdateSet({ sealed }))
      .execute();
  }
}

/** Removes keys from the store. What is not there is no error. */
export async function dropSecrets(store: Store, purpose: Purpose, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await store.deleteFrom('secrets').where('purpose', '=', purpose).where('id', '=', id).execute();
  }
}

/** Opens one key that must be there. Throws StartError where it is not or does not open. */
export async function openSecret(store: Store, vault: Vault, purpose: Purpose, id: string): Promise<PrivateKey> {
  const row = await store
    .selectFrom('secrets')
    .select('sealed')
    .where('purpose', '=', purpose)
    .where('id', '=', id)
    .executeTakeFirst();
  return vault.open(purpose, id, row?.sealed ?? damaged(`the place of a ${purpose} key`, id));
}

/** Keys of one purpose as they are stored, by id; those that are not there are left out. */
export async function sealedSecrets(
  store: Store,
  purpose: Purpose,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await store
    .selectFrom('secrets')
    .select(['id', 'sealed'])
    .where('purpose', '=', purpose)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, sealed }) => [id, sealed]));
}

/** A key as it lies in the store. */
interface SealedSecret {
  readonly purpose: Purpose;
  readonly id: string;
  readonly sealed: string;
}

/** Rows that are read at once. */
const PORTION = 1_000;

/** Every sealed key of a store, a portion at a time. Rows may be replaced meanwhile. */
export async function* everySecret(store: Store): AsyncGenerator<SealedSecret> {
  for (let last = { purpose: '', id: '' }; ; ) {
    const rows = await following(store, last);
    const newest = rows.at(-1);
    if (newest === undefined) return;
    for (const { purpose, id, sealed } of rows) yield { purpose: purpose as Purpose, id, sealed };
    last = newest;
  }
}

function following(store: Store, { purpose, id }: { readonly purpose: string; readonly id: string }) {
  return store
    .selectFrom('secrets')
    .select(['purpose', 'id', 'sealed'])
    .where((is) => is.or([is('purpose', '>', purpose), is.and([is('purpose', '=', purpose), is('id', '>', id)])]))
    .orderBy('purpose')
    .orderBy('id')
    .limit(PORTION)
    .execute();
}
