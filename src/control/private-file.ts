import { readBoundedFile } from '../files/bounded-file.ts';
import { errorFields } from './log.ts';

/** What came of reading a file: its text, or why there is none. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** A secret that others can read is none. */
  | { readonly kind: 'exposed' };

const OTHERS = 0o077;
const MAX_BYTES = 256 * 1024;

/** Reads a small file that must be nobody's but its owner's. */
export function readPrivateFile(path: string): FileText {
  return read(path, (mode) => (mode & OTHERS) === 0);
}

/** Reads a small file that anybody may see. */
export function readOpenFile(path: string): FileText {
  return read(path, () => true);
}

function read(path: string, allowed: (mode: number) => boolean): FileText {
  const file = readBoundedFile(path, MAX_BYTES, allowed);
  switch (file.kind) {
    case 'bytes':
      return { kind: 'text', text: file.bytes.toString('latin1') };
    case 'exposed':
      return file;
    case 'not_a_file':
      return { kind: 'unreadable', why: 'it is not a file' };
    case 'too_large':
      return { kind: 'unreadable', why: `it is larger than ${MAX_BYTES / 1024} KiB` };
    case 'unreadable':
      return { kind: 'unreadable', why: errorFields(file.error).error };
  }
}
