import type { Instant } from '../../domain/ids.ts';
import { writeAuditEvent } from '../audit-events.ts';
import { placeFile } from '../../files/whole-file.ts';
import { loadBackupKek } from '../kek.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import type { Actor } from '../actor.ts';
import { deleteAllSessions } from '../session-rows.ts';
import { newestRevision, type Store } from '../store.ts';
import { createBootstrapToken, type NewToken, writeToken } from '../tokens.ts';
import { openVault, type Vault } from '../vault.ts';
import { type BackupFile, readBackup, unpackStore } from './backup-file.ts';
import { BackupFault } from './backup-fault.ts';
import { type Contents, examineStore } from './examine.ts';
import type { BackupHeader } from './header.ts';
import { inPassing, inPlace, type Place, refuseOccupied, type Stage } from './staging.ts';

const RESTORE: Actor = { token: 'postern', from: 'restore' };
const TOKEN_FILE = 'bootstrap-token';

/** A backup, and with what it is opened. */
export interface BackupInHand {
  readonly source: AsyncIterable<Buffer>;
  /** Where the key-encryption key is, as `kekSource` reads it. */
  readonly kek: string;
  readonly now: Instant;
  /** Calls it off. */
  readonly signal: AbortSignal;
}

/** What was found in a backup. */
export interface Found {
  readonly header: BackupHeader;
  readonly contents: Contents;
}

/** Where a store shall be. */
export interface Destination {
  readonly dir: string;
  /** Also makes a token that may do everything, as at the first start: for who has none of those from before. */
  readonly newToken: boolean;
}

/**
 * Does all that a restore does, in a new directory that is gone afterwards and whose path begins with `prefix`. Rejects
 * with BackupFault, or with StartError for the key.
 */
export async function verifyBackup(inHand: BackupInHand, prefix: string): Promise<Found> {
  const backup = await opened(inHand);
  return inPassing(prefix, async (stage) => {
    const { store, contents } = await unpacked(stage, backup, inHand);
    await store.destroy();
    return { header: backup.file.header, contents };
  });
}

/**
 * Puts the store of a backup into a data directory that has none: all of it, or nothing. Rejects with BackupFault, or with
 * StartError for the key and the directory.
 */
export async function restoreBackup(inHand: BackupInHand, { dir, newToken }: Destination): Promise<Found> {
  const token = newToken ? createBootstrapToken(inHand.now) : null;
  const place: Place = { path: dir, more: token === null ? [] : [TOKEN_FILE] };
  refuseOccupied(place);
  const backup = await opened(inHand);
  const { header } = backup.file;
  return inPlace(place, async (stage) => {
    const { store, contents } = await unpacked(stage, backup, inHand);
    try {
      await record(store, { header, now: inHand.now, token });
    } finally {
      await store.destroy();
    }
    if (token !== null) placeFile(stage.file(TOKEN_FILE), `${token.text}\n`, 0o600);
    return { header, contents };
  });
}

interface Opened {
  readonly file: BackupFile;
  readonly vault: Vault;
}

async function opened({ source, kek }: BackupInHand): Promise<Opened> {
  const file = await readBackup(source);
  const { schema_version, kek_id } = file.header;
  if (schema_version > SCHEMA_VERSION) {
    throw new BackupFault('newer_schema', `schema version ${schema_version}, and ${SCHEMA_VERSION} is known`);
  }
  return { file, vault: openVault(loadBackupKek(kek, kek_id)) };
}

async function unpacked(stage: Stage, { file, vault }: Opened, { now, signal }: BackupInHand) {
  await unpackStore(file, vault, { path: stage.file('postern.db'), signal });
  return examineStore(stage, { vault, now });
}

interface Restoring {
  readonly header: BackupHeader;
  readonly now: Instant;
  readonly token: NewToken | null;
}

// Whoever reads the log later must see that it has a gap here.
async function record(store: Store, { header, now, token }: Restoring): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    await deleteAllSessions(transaction);
    if (token !== null) await writeToken(transaction, token.stored);
    await writeAuditEvent(transaction, await newestRevision(transaction), {
      at: now,
      actor: RESTORE,
      zone: null,
      account: null,
      command: 'restore_backup',
      before: {},
      after: { taken_at: header.taken_at, revision: header.revision, new_token: token?.stored.id ?? null },
    });
  });
}
