import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file, directory and link below a directory: bytes, mode, owner, time of the last change, where links lead. */
export function snapshot(directory: string, except: RegExp): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const here = join(path, name);
      const shown = relative(directory, here);
      if (except.test(shown)) continue;
      const stats = lstatSync(here);
      const owner = `${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`;
      if (stats.isSymbolicLink()) found[shown] = `-> ${readlinkSync(here)} ${owner}`;
      else if (stats.isDirectory()) {
        found[shown] = `directory ${owner}`;
        walk(here);
      } else
        found[shown] =
          `${owner} ${Math.round(stats.mtimeMs)} ${createHash('sha256').update(readFileSync(here)).digest('hex')}`;
    }
  };
  walk(directory);
  return found;
}
