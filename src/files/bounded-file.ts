import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** What came of reading a file that may have so many bytes: all of them, or why none. */
export type BoundedFile =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable'; readonly error: NodeJS.ErrnoException }
  | { readonly kind: 'not_a_file' }
  | { readonly kind: 'too_large' }
  /** Its mode is none that `allows` allows. */
  | { readonly kind: 'exposed' };

/** Reads a file that is expected to be small. */
export function readBoundedFile(path: string, most: number, allows = (_mode: number): boolean => true): BoundedFile {
  let file: number | null = null;
  try {
    // Without O_NONBLOCK, opening a pipe waits for somebody to write, and everything else waits with it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    // Of the file that is then read: between two looks at a path somebody could exchange it.
    const found = fstatSync(file);
    if (!found.isFile()) return { kind: 'not_a_file' };
    if (!allows(found.mode)) return { kind: 'exposed' };
    if (found.size > most) return { kind: 'too_large' };
    return { kind: 'bytes', bytes: readFileSync(file) };
  } catch (error) {
    return { kind: 'unreadable', error: error as NodeJS.ErrnoException };
  } finally {
    if (file !== null) closeSync(file);
  }
}
