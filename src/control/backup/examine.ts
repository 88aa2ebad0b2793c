import { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../../domain/ids.ts';
import { DEFAULT_LIMITS } from '../../domain/limits.ts';
import type { Zone } from '../../domain/zone.ts';
import { loadAccounts } from '../account-rows.ts';
import { loadState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { ensureOriginCa } from '../origin-ca.ts';
import { everySecret } from '../secrets.ts';
import { openStore, readMeta, type Store } from '../store.ts';
import { loadTokens } from '../tokens.ts';
import type { Vault } from '../vault.ts';
import { BackupFault } from './backup-fault.ts';
import type { Stage } from './staging.ts';

/** How much of what a store holds. */
export interface Contents {
  readonly accounts: number;
  readonly zones: number;
  readonly records: number;
  /** Those that edges show, to origins or to visitors. */
  readonly certificates: number;
  readonly private_keys: number;
  /** Those that count at present. */
  readonly tokens: number;
}

/** With what a store is examined. */
export interface Examination {
  readonly vault: Vault;
  readonly now: Instant;
}

/**
 * Opens a store that came out of a backup as the next start will, and looks at all of it: whether SQLite finds it whole,
 * whether every row means something and every key opens. Rejects with BackupFault where not; whoever gets the store ends it.
 */
export async function examineStore(
  stage: Stage,
  examination: Examination,
): Promise<{ readonly store: Store; readonly contents: Contents }> {
  const damage = damageOf(stage.file('postern.db'));
  if (damage !== null) throw new BackupFault('unsound', damage);
  const store = await openStore(stage);
  try {
    return { store, contents: await contentsOf(store, examination) };
  } catch (error) {
    await store.destroy();
    throw new BackupFault('unsound', errorFields(error).error, error);
  }
}

function damageOf(path: string): string | null {
  const database = new DatabaseSync(path);
  try {
    const [first] = database.prepare('PRAGMA integrity_check(1)').all();
    if (first?.['integrity_check'] !== 'ok') return String(first?.['integrity_check']);
    const [stray] = database.prepare('PRAGMA foreign_key_check').all();
    return stray === undefined ? null : `a row of ${String(stray['table'])} belongs to nothing`;
  } catch (error) {
    return errorFields(error).error;
  } finally {
    database.close();
  }
}

async function contentsOf(store: Store, { vault, now }: Examination): Promise<Contents> {
  const sealedWith = await readMeta(store, 'kek_id');
  if (sealedWith !== vault.kekId) throw new Error(`its keys are sealed with key ${sealedWith}`);
  await ensureOriginCa(store, vault, now);
  const silent = () => undefined;
  const { zones } = await loadState({ store, vault, clock: () => now, log: silent, limits: DEFAULT_LIMITS });
  const all = [...zones.index.all()];
  const sum = (count: (zone: Zone) => number) => all.reduce((so, zone) => so + count(zone), 0);
  const tokens = await loadTokens(store);
  return {
    accounts: (await loadAccounts(store)).length,
    zones: all.length,
    records: sum(({ records }) => records.size),
    certificates: sum(({ certificates, customCertificates }) => certificates.size + customCertificates.size),
    private_keys: await openAll(store, vault),
    tokens: tokens.filter(({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now))
      .length,
  };
}

async function openAll(store: Store, vault: Vault): Promise<number> {
  let count = 0;
  for await (const { purpose, id, sealed } of everySecret(store)) {
    vault.open(purpose, id, sealed);
    count += 1;
  }
  return count;
}
