import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a configuration tree is read from. Texts hold one character for each byte (latin1): written back, they are the same. */
export interface ConfigSource {
  /** The text, or why there is none (an error code such as ENOENT). */
  read(path: string): { readonly text: string } | { readonly code: string };
  /** The paths that match, sorted; a path without wildcards matches itself where it is there. */
  list(pattern: string): readonly string[];
  isDirectory(path: string): boolean;
}

/** No configuration file of a web server is larger. */
const MAX_FILE = 2 * 1024 * 1024;
const MAX_MATCHES = 10_000;

/** The files of this machine. */
export const DISK: ConfigSource = {
  read(path) {
    try {
      return readBounded(path);
    } catch (error) {
      return { code: error instanceof Error && 'code' in error ? String(error.code) : 'EIO' };
    }
  },
  list: (pattern) => matches(pattern),
  isDirectory(path) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  },
};

// A pipe that nobody writes to, or a device, may never end: only files are read. O_NONBLOCK keeps open() itself from waiting.
function readBounded(path: string): ReturnType<ConfigSource['read']> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { code: 'EISDIR' };
    if (!stat.isFile()) return { code: 'ESPIPE' };
    if (stat.size > MAX_FILE) return { code: 'EFBIG' };
    return readAll(file);
  } finally {
    closeSync(file);
  }
}

// What grows meanwhile, or states no size as /proc does, is bounded as well.
function readAll(file: number): ReturnType<ConfigSource['read']> {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= MAX_FILE; ) {
    const chunk = Buffer.alloc(64 * 1024);
    const length = readSync(file, chunk);
    if (length === 0) return { text: Buffer.concat(chunks).toString('latin1') };
    chunks.push(chunk.subarray(0, length));
    size += length;
  }
  return { code: 'EFBIG' };
}

/** The same, with each file read once: for looks at a tree that nobody changes meanwhile. */
export function readOnce(source: ConfigSource): ConfigSource {
  const texts = new Map<string, ReturnType<ConfigSource['read']>>();
  const lists = new Map<string, readonly string[]>();
  return {
    ...source,
    read: (path) => remembered(texts, path, () => source.read(path)),
    list: (pattern) => remembered(lists, pattern, () => source.list(pattern)),
  };
}

function remembered<T>(known: Map<string, T>, key: string, look: () => T): T {
  const found = known.get(key) ?? look();
  known.set(key, found);
  return found;
}

/** Whether a path holds a wildcard of glob(3). */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

function matches(pattern: string): readonly string[] {
  let found: readonly string[] = [pattern.startsWith('/') ? '/' : '.'];
  for (const part of pattern.split('/').filter((one) => one !== '')) {
    found = isPattern(part)
      ? found.flatMap((directory) => namesIn(directory, part)).slice(0, MAX_MATCHES)
      : found.map((directory) => join(directory, part)).filter((path) => statSync(path, { throwIfNoEntry: false }));
  }
  return [...found].sort();
}

function namesIn(directory: string, part: string): readonly string[] {
  const pattern = globPattern(part);
  try {
    const names = readdirSync(directory).filter((name) => pattern.test(name));
    // As glob(3): a leading dot is matched by a dot alone.
    return names.filter((name) => !name.startsWith('.') || part.startsWith('.')).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** One component of a path as a regular expression. */
export function globPattern(part: string): RegExp {
  const body = part.replace(/\[!?[^\]]+\]|[*?]|[.+^${}()|\\[\]]/g, (piece) => {
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece.length > 2) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${piece}`;
  });
  return new RegExp(`^${body}$`, 's');
}
