import type { Instant } from '../domain/ids.ts';
import { writeAuditEvent } from './audit-events.ts';
import type { Actor } from './plane.ts';
import { type Store, writeMeta } from './store.ts';
import type { Purpose, Vault } from './vault.ts';

const RESEALING: Actor = { token: 'postern', from: 'resealing' };
/** Rows that are read at once. */
const PORTION = 1_000;

/**
 * Seals every key of a store under another key-encryption key: all of them, or none. Rejects with StartError where one
 * does not open. Answers how many there were.
 */
export function reseal(
  store: Store,
  { from, to, now }: { readonly from: Vault; readonly to: Vault; readonly now: Instant },
) {
  return store.transaction().execute(async (transaction) => {
    let count = 0;
    for (let last = { purpose: '', id: '' }; ; ) {
      const rows = await following(transaction, last);
      const newest = rows.at(-1);
      if (newest === undefined) break;
      for (const { purpose, id, sealed } of rows) {
        const again = to.seal(purpose as Purpose, id, from.open(purpose as Purpose, id, sealed));
        const row = transaction.updateTable('secrets').set({ sealed: again });
        await row.where('purpose', '=', purpose).where('id', '=', id).execute();
      }
      count += rows.length;
      last = newest;
    }
    await writeMeta(transaction, 'kek_id', to.kekId);
    await audit(transaction, { from, to, now, count });
    return count;
  });
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

interface Resealed {
  readonly from: Vault;
  readonly to: Vault;
  readonly now: Instant;
  readonly count: number;
}

async function audit(store: Store, { from, to, now, count }: Resealed): Promise<void> {
  const { revision } = await store
    .selectFrom('revisions')
    .select(({ fn }) => fn.max('revision').as('revision'))
    .executeTakeFirstOrThrow();
  await writeAuditEvent(store, Number(revision ?? 0), {
    at: now,
    actor: RESEALING,
    zone: null,
    account: null,
    command: 'reseal_keys',
    before: { kek: from.kekId },
    after: { kek: to.kekId, keys: count },
  });
}
