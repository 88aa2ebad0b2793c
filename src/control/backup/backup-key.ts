import type { Vault } from '../vault.ts';
import type { BackupHeader } from './header.ts';
import type { Sealing } from './sealed-pieces.ts';

const USE = 'postern/backup/1/aes-256-gcm';

/** What a backup is sealed under: a key of its own, and its first line with every piece. */
export function backupSealing(vault: Vault, { salt }: Pick<BackupHeader, 'salt'>, line: Buffer): Sealing {
  return { key: vault.derive(Buffer.from(salt, 'base64url'), USE), additional: line };
}
