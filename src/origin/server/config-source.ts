import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readBoundedFile } from '../../files/bounded-file.ts';

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
    // The one device that ends at once, and people do name it where something must be named.
    if (path === '/dev/null') return { text: '' };
    const read = readBoundedFile(path, MAX_FILE);
    switch (read.kind) {
      case 'bytes':
        return { text: read.bytes.toString('latin1') };
      case 'unreadable':
        return { code: read.error.code ?? 'EIO' };
      case 'too_large':
        return { code: 'EFBIG' };
      case 'exposed':
      case 'not_a_file':
        // What a pipe or a device holds may never end.
        return { code: DISK.isDirectory(path) ? 'EISDIR' : 'ESPIPE' };
    }
  },
  list: (pattern) => matches(pattern),
  isDirectory(path) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  },
};

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
