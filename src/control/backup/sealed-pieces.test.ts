import assert from 'node:assert/strict';
import { createSecretKey, randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { BackupFault } from './backup-fault.ts';
import { openPieces, type Sealing, sealPieces } from './sealed-pieces.ts';

const PIECE = 64 * 1024;
const SEALED = PIECE + 16;
const SEALING: Sealing = { key: createSecretKey(randomBytes(32)), additional: Buffer.from('first line\n') };

/** Bytes as a file or a network brings them: cut anywhere. */
async function* torn(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const to = from + randomInt(1, 100_000);
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function all(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

const seal = (text: Buffer) => all(sealPieces(torn(text), SEALING));
const open = (sealed: Buffer, sealing = SEALING) => all(openPieces(torn(sealed), sealing));

async function refused(sealed: Buffer, what: string, sealing = SEALING): Promise<void> {
  await assert.rejects(
    open(sealed, sealing),
    (error) => error instanceof BackupFault && error.code === 'damaged',
    what,
  );
}

test('what is sealed opens, whatever its length and however it is torn', async () => {
  for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17]) {
    const text = randomBytes(length);
    const sealed = await seal(text);
    assert.equal(sealed.length, length + 16 * Math.max(1, Math.ceil(length / PIECE)), `${length}`);
    assert.ok((await open(sealed)).equals(text), `${length}`);
  }
});

test('nothing that was altered, cut off, moved, repeated or added is handed on', async () => {
  const text = randomBytes(3 * PIECE + 100);
  const sealed = await seal(text);
  const places = [0, 1, PIECE - 1, PIECE, SEALED - 1, SEALED, 2 * SEALED + 5, 3 * SEALED, sealed.length - 1];
  for (const place of places) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(place) ^ 1, place);
    await refused(altered, `byte ${place}`);
  }
  for (const length of [0, 1, 15, 16, SEALED - 1, SEALED, SEALED + 1, 2 * SEALED, 3 * SEALED, sealed.length - 1]) {
    await refused(sealed.subarray(0, length), `cut off after ${length}`);
  }
  const piece = (place: number) => sealed.subarray(place * SEALED, (place + 1) * SEALED);
  const others: Readonly<Record<string, readonly Buffer[]>> = {
    moved: [piece(1), piece(0), piece(2), piece(3)],
    'left out': [piece(0), piece(2), piece(3)],
    repeated: [piece(0), piece(0), piece(1), piece(2), piece(3)],
    'added a byte': [sealed, Buffer.alloc(1)],
    'added a piece': [sealed, piece(3)],
    'added itself': [sealed, sealed],
  };
  for (const [what, parts] of Object.entries(others)) await refused(Buffer.concat(parts), what);
});

test('what comes before the first bad piece is what was sealed, and no byte of the bad one follows', async () => {
  const text = randomBytes(3 * PIECE);
  const sealed = await seal(text);
  sealed.writeUInt8(sealed.readUInt8(2 * SEALED + 9) ^ 0x80, 2 * SEALED + 9);
  const handed: Buffer[] = [];
  await assert.rejects(async () => {
    for await (const part of openPieces(torn(sealed), SEALING)) handed.push(part);
  }, /what follows its first 128 KiB does not open/);
  assert.ok(Buffer.concat(handed).equals(text.subarray(0, 2 * PIECE)));
});

test('another key or another first line opens nothing', async () => {
  const sealed = await seal(randomBytes(100));
  await refused(sealed, 'key', { ...SEALING, key: createSecretKey(randomBytes(32)) });
  await refused(sealed, 'line', { ...SEALING, additional: Buffer.from('first lime\n') });
});
