import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts a whole file in place, or none: whoever reads meanwhile, and whoever looks after a crash, finds the old text or the
 * new one. A symbolic link is replaced, not followed.
 */
export function placeFile(path: string, text: string | Buffer, mode: number): void {
  const draft = `${path}.new`;
  // What a killed run left, or a link that somebody laid there.
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

/** Makes durable how the files of a directory are called. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
