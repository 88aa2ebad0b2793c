import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { placeFile } from '../files/whole-file.ts';
import { askKek, type KekSource, kekSource, sourceName } from './kek-source.ts';
import { errorFields } from './log.ts';
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

/** What a key opens, and what to say where it is another one or not to be had. */
interface Sealed {
  readonly is: string;
  readonly another: string;
  readonly lost: string;
}

const STORE: Sealed = {
  is: 'The store is sealed with key',
  another:
    'Name the right key with --kek. To seal the store with this one from now on, name the present key with --old-kek.',
  lost: 'Name where it is with --kek, or put it back: without it the private keys in the store cannot be opened.',
};

const BACKUP: Sealed = {
  is: 'The backup opens with key',
  another: 'Name with --kek where that key is kept.',
  lost: 'Name with --kek where it is kept: without it nobody can open the backup.',
};

/**
 * The key of a store, from a source as `kekSource` reads it. `needed` is the id that the store was sealed with; `null` where
 * any will do, and then a missing file is made. Throws StartError that names both ids and never shows a key.
 */
export function loadKek(from: string, needed: string | null): KeyEncryptionKey {
  return load(kekSource(from), needed, STORE);
}

/** The key that opens a backup, which names it by its id. Throws StartError as `loadKek` does; a missing one is never made. */
export function loadBackupKek(from: string, needed: string): KeyEncryptionKey {
  return load(kekSource(from), needed, BACKUP);
}

function load(source: KekSource, needed: string | null, sealed: Sealed): KeyEncryptionKey {
  const { id, key } = parse(source, ask(source, needed, sealed));
  if (needed !== null && id !== needed) {
    throw new StartError(`${sealed.is} ${needed}, ${sourceName(source)} holds key ${id}`, sealed.another);
  }
  return { id, key };
}

function ask(source: KekSource, needed: string | null, { lost }: Sealed): string {
  const found = askKek(source);
  switch (found.kind) {
    case 'text':
      return found.text;
    case 'exposed':
      throw exposed(source, needed);
    case 'unreadable':
      throw missing({ source, needed, lost, why: found.why });
    case 'absent':
      if (source.kind !== 'file' || needed !== null) throw missing({ source, needed, lost, why: 'it is missing' });
      return createKek(source.path);
  }
}

function exposed(source: KekSource, needed: string | null): StartError {
  const path = source.kind === 'file' ? source.path : '';
  return new StartError(
    `The key-encryption key in ${sourceName(source)}${needed === null ? '' : ` (key ${needed} is needed)`} can be read by other users`,
    `Take their rights away: chmod 600 ${path}. If others may have read it, treat the keys in the store as known.`,
  );
}

function kekId(key: KeyObject): string {
  return createHash('sha256').update(key.export()).digest('hex').slice(0, 16);
}

function createKek(path: string): string {
  const text = `${randomBytes(32).toString('hex')}\n`;
  try {
    placeFile(path, text, 0o600);
  } catch (error) {
    throw new StartError(
      `The key-encryption key cannot be written to ${path}: ${errorFields(error).error}`,
      'Name a file in a directory that this user may write to with --kek.',
      error,
    );
  }
  return text;
}

function parse(source: KekSource, text: string): KeyEncryptionKey {
  const line = text.trim();
  const bytes = HEX.test(line) ? Buffer.from(line, 'hex') : BASE64.test(line) ? Buffer.from(line, 'base64') : null;
  if (bytes === null) {
    throw new StartError(
      `There is no key-encryption key in ${sourceName(source)}`,
      'It is one line: 32 random bytes as 64 hexadecimal digits or in base64 (openssl rand -hex 32).',
    );
  }
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id: kekId(key), key };
}

interface Missing {
  readonly source: KekSource;
  readonly needed: string | null;
  readonly lost: string;
  readonly why: string;
}

function missing({ source, needed, lost, why }: Missing): StartError {
  const which = needed === null ? 'The key-encryption key' : `The key-encryption key ${needed}`;
  return new StartError(`${which} cannot be read from ${sourceName(source)}: ${why}`, lost);
}
