import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { errorFields } from '../log.ts';
import type { Vault } from '../vault.ts';
import { BackupFault } from './backup-fault.ts';
import { backupSealing } from './backup-key.ts';
import { type BackupHeader, MAX_HEADER, readHeaderLine } from './header.ts';
import { openPieces } from './sealed-pieces.ts';

/** A backup whose first line has been read. */
export interface BackupFile {
  readonly header: BackupHeader;
  readonly line: Buffer;
  /** All that follows; can be read once. */
  readonly body: AsyncIterable<Buffer>;
}

const LINE_END = 0x0a;

/** Reads the first line of a backup. Rejects with BackupFault for what is none. */
export async function readBackup(source: AsyncIterable<Buffer>): Promise<BackupFile> {
  // Not for-await, which would close the source at the end of the line.
  const iterator = source[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf(LINE_END) + 1;
    if (end > MAX_HEADER || (end === 0 && read.length >= MAX_HEADER)) break;
    if (end > 0) {
      const line = read.subarray(0, end);
      return { header: readHeaderLine(line), line, body: rest(read.subarray(end), iterator) };
    }
    const { value, done } = await iterator.next();
    if (done === true) break;
    read = Buffer.concat([read, value]);
  }
  throw new BackupFault('not_a_backup', read.length === 0 ? 'it is empty' : 'its first line does not say so');
}

async function* rest(begun: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield begun;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

/** Writes the store that is in a backup to a new file of mode 0600. Rejects with BackupFault where it is not as it was. */
export async function unpackStore({ header, line, body }: BackupFile, vault: Vault, to: UnpackTo): Promise<void> {
  const sealing = backupSealing(vault, header, line);
  // Opened before anything can break off: what a stream opens by itself may come to be after the end of it.
  const file = await open(to.path, 'wx', 0o600);
  const unpacking = pipeline(
    body,
    (source: AsyncIterable<Buffer>) => openPieces(source, sealing),
    createGunzip(),
    file.createWriteStream({ flush: true }),
    { signal: to.signal },
  );
  await unpacking.catch((error: unknown) => {
    const { code, error: why } = errorFields(error);
    throw code?.startsWith('Z_') ? new BackupFault('unsound', why, error) : error;
  });
}

/** Where the store goes, and what calls it off. */
interface UnpackTo {
  readonly path: string;
  readonly signal: AbortSignal;
}
