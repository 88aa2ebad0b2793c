import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
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

// The mode is that of the file which is then read: between two looks at a path somebody could exchange it.
function read(path: string, allowed: (mode: number) => boolean): FileText {
  let fd: number | null = null;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for somebody to write.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { kind: 'unreadable', why: 'it is not a file' };
    if (!allowed(stats.mode)) return { kind: 'exposed' };
    if (stats.size > MAX_BYTES) return { kind: 'unreadable', why: `it is larger than ${MAX_BYTES / 1024} KiB` };
    return { kind: 'text', text: readFileSync(fd, 'latin1') };
  } catch (error) {
    return { kind: 'unreadable', why: errorFields(error).error };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
