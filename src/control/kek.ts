import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { placeFile } from './data-directory.ts';
import { errorFields } from './log.ts';
import { readPrivateFile } from './private-file.ts';
import { StartError } from './start-error.ts';

/** A key-encryption key with the name that stores and backups call it by. */
export interface KeyEncryptionKey {
  /** First 16 hex digits of the SHA-256 over the key. */
  readonly id: string;
  readonly key: KeyObject;
}

const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** Beside the data directory, not in it: a copy of the directory alone opens nothing. */
export function defaultKekPath(directory: string): string {
  return `${resolve(directory)}.kek`;
}

/**
 * The key of a store. `needed` is the id that the store was sealed with; `null` for a new store, for which a missing
 * file is made. Throws StartError that names both ids and never shows a key.
 */
export function loadKek(path: string, needed: string | null): KeyEncryptionKey {
  if (!existsSync(path)) {
    if (needed !== null) throw missing(path, needed, 'the file is missing');
    createKek(path);
  }
  const key = createSecretKey(parse(path, readPrivate(path, needed)));
  const id = kekId(key);
  if (needed !== null && id !== needed) {
    throw new StartError(
      `The store is sealed with key ${needed}, the file ${path} holds key ${id}`,
      'Name the file of the right key with --kek.',
    );
  }
  return { id, key };
}

function kekId(key: KeyObject): string {
  return createHash('sha256').update(key.export()).digest('hex').slice(0, 16);
}

function createKek(path: string): void {
  try {
    placeFile(path, `${randomBytes(32).toString('hex')}\n`);
  } catch (error) {
    throw new StartError(
      `The key-encryption key cannot be written to ${path}: ${errorFields(error).error}`,
      'Name a file in a directory that this user may write to with --kek.',
      error,
    );
  }
}

function readPrivate(path: string, needed: string | null): string {
  const found = readPrivateFile(path);
  switch (found.kind) {
    case 'text':
      return found.text;
    case 'unreadable':
      throw missing(path, needed, found.why);
    case 'exposed':
      throw new StartError(
        `The key-encryption key in ${path}${needed === null ? '' : ` (key ${needed} is needed)`} can be read by other users`,
        `Take their rights away: chmod 600 ${path}. If others may have read it, treat the keys in the store as known.`,
      );
  }
}

function parse(path: string, text: string): Buffer {
  const line = text.trim();
  if (HEX.test(line)) return Buffer.from(line, 'hex');
  if (BASE64.test(line)) return Buffer.from(line, 'base64');
  throw new StartError(
    `The file ${path} does not hold a key-encryption key`,
    'It holds one line: 32 random bytes as 64 hexadecimal digits or in base64 (openssl rand -hex 32).',
  );
}

function missing(path: string, needed: string | null, why: string): StartError {
  const which = needed === null ? 'The key-encryption key' : `The key-encryption key ${needed}`;
  return new StartError(
    `${which} cannot be read from ${path}: ${why}`,
    'Name the file with --kek, or put the key back: without it the private keys in the store cannot be opened.',
  );
}
