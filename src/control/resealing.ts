import type { Instant } from '../domain/ids.ts';
import { writeAuditEvent } from './audit-events.ts';
import type { Actor } from './actor.ts';
import { everySecret } from './secrets.ts';
import { newestRevision, type Store, writeMeta } from './store.ts';
import type { Vault } from './vault.ts';

const RESEALING: Actor = { token: 'postern', from: 'resealing' };

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
    for await (const { purpose, id, sealed } of everySecret(transaction)) {
      const again = to.seal(purpose, id, from.open(purpose, id, sealed));
      const row = transaction.updateTable('secrets').set({ sealed: again });
      await row.where('purpose', '=', purpose).where('id', '=', id).execute();
      count += 1;
    }
    await writeMeta(transaction, 'kek_id', to.kekId);
    await audit(transaction, { from, to, now, count });
    return count;
  });
}

interface Resealed {
  readonly from: Vault;
  readonly to: Vault;
  readonly now: Instant;
  readonly count: number;
}

async function audit(store: Store, { from, to, now, count }: Resealed): Promise<void> {
  await writeAuditEvent(store, await newestRevision(store), {
    at: now,
    actor: RESEALING,
    zone: null,
    account: null,
    command: 'reseal_keys',
    before: { kek: from.kekId },
    after: { kek: to.kekId, keys: count },
  });
}
