import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { target } from './replace.ts';

const OTHERS_WRITE = 0o022;
// Where it is set, others may add names, and neither rename nor remove those of others.
const STICKY = 0o1000;

/**
 * The first directory on the way to a file in which somebody else may put names; `null` where nobody may. Whoever may do that
 * can have us write through a link of theirs, or do what a journal of theirs says.
 */
export async function sharedDirectory(path: string): Promise<string | null> {
  const own = process.getuid?.();
  if (own === undefined) return null;
  // The link counts, and what it leads to.
  for (const file of new Set([resolve(path), await target(path)])) {
    for (let [below, directory] = [file, dirname(file)]; ; [below, directory] = [directory, dirname(directory)]) {
      const { uid, mode } = await stat(directory);
      const isAbove = below !== file;
      const writable = (mode & OTHERS_WRITE) !== 0 && !(isAbove && (mode & STICKY) !== 0);
      if (writable || (uid !== 0 && uid !== own)) return directory;
      if (directory === dirname(directory)) break;
    }
  }
  return null;
}
