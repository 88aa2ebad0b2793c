import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { BackupFault } from './backup-fault.ts';

/**
 * A long text under AES-256-GCM in pieces, after the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", §7): each piece has a tag of its own, so nothing that
 * was altered is ever handed on, and the nonce counts and says which piece is the last, so none can be moved, left out or
 * added. The key must be one that seals nothing else.
 */
const ALGORITHM = 'aes-256-gcm';
const PIECE = 64 * 1024;
const TAG = 16;
const NONCE = 12;

/** What a text is sealed under: the key, and what is authenticated with every piece. */
export interface Sealing {
  readonly key: KeyObject;
  readonly additional: Buffer;
}

/** Seals a text, piece by piece. */
export async function* sealPieces(source: AsyncIterable<Buffer>, { key, additional }: Sealing) {
  for await (const { bytes, place, last } of pieces(source, PIECE)) {
    const cipher = createCipheriv(ALGORITHM, key, nonce(place, last), { authTagLength: TAG });
    cipher.setAAD(additional);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Opens what `sealPieces` sealed. Rejects with BackupFault at the first piece that is not as it was. */
export async function* openPieces(source: AsyncIterable<Buffer>, { key, additional }: Sealing) {
  for await (const { bytes, place, last } of pieces(source, PIECE + TAG)) {
    const end = bytes.length - TAG;
    if (end < 0) throw damagedAfter(place);
    const decipher = createDecipheriv(ALGORITHM, key, nonce(place, last), { authTagLength: TAG });
    decipher.setAAD(additional);
    decipher.setAuthTag(bytes.subarray(end));
    const opened = decipher.update(bytes.subarray(0, end));
    try {
      decipher.final();
    } catch {
      throw damagedAfter(place);
    }
    yield opened;
  }
}

function damagedAfter(pieces: number): BackupFault {
  return new BackupFault('damaged', `what follows its first ${(pieces * PIECE) / 1024} KiB does not open`);
}

// 40 bits of zeros, 48 that count, 8 that are 1 for the last piece.
function nonce(place: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(NONCE);
  bytes.writeUIntBE(place, 5, 6);
  bytes.writeUInt8(last ? 1 : 0, NONCE - 1);
  return bytes;
}

interface Piece {
  readonly bytes: Buffer;
  readonly place: number;
  readonly last: boolean;
}

/** Cuts a text into pieces of one size; only the last is shorter, and there always is a last one. */
async function* pieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Piece> {
  let held: Buffer[] = [];
  let length = 0;
  let place = 0;
  for await (const chunk of source) {
    held.push(chunk);
    length += chunk.length;
    // A full piece waits for the byte after it, which tells that it is not the last.
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let from = 0;
    for (; length > size; length -= size) {
      yield { bytes: all.subarray(from, from + size), place, last: false };
      from += size;
      place += 1;
    }
    held = [all.subarray(from)];
  }
  yield { bytes: Buffer.concat(held), place, last: true };
}
