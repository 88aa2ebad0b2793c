import { basename, dirname } from 'node:path';
import { type ConfigSource, globPattern, isPattern } from '../../server/config-source.ts';

const MARKER = /^# configuration file (.+):$/;

/** Whether a text is what `nginx -T` prints. */
export function isNginxDump(text: string): boolean {
  return /^# configuration file .+:$/m.test(text.slice(0, 64 * 1024));
}

/**
 * The files of such a print. Lines count from the beginning of each file, as nginx says them too. What is not in it, such as
 * authorities, is looked for on this machine; that it is missing here says nothing, for the dump may be of another one.
 */
export function dumpSource(text: string, disk: ConfigSource): { readonly main: string; readonly source: ConfigSource } {
  const files = filesIn(text);
  const [main = ''] = files.keys();
  return {
    main,
    source: {
      read(path) {
        const found = files.get(path);
        if (found !== undefined) return { text: found };
        const read = disk.read(path);
        return 'code' in read && read.code === 'ENOENT' ? { code: 'NOT_IN_DUMP' } : read;
      },
      list: (pattern) => [...files.keys()].filter((path) => matches(pattern, path)).sort(),
      isDirectory: (path) => disk.isDirectory(path),
    },
  };
}

function filesIn(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let open: { readonly path: string; readonly lines: string[] } | null = null;
  const close = () => {
    // nginx puts one line feed behind each file.
    if (open !== null && !files.has(open.path)) files.set(open.path, open.lines.join('\n').replace(/\n$/, ''));
  };
  for (const line of text.split('\n')) {
    const path = MARKER.exec(line)?.[1];
    if (path === undefined) open?.lines.push(line);
    else {
      close();
      open = { path, lines: [] };
    }
  }
  close();
  return files;
}

function matches(pattern: string, path: string): boolean {
  if (!isPattern(pattern)) return pattern === path;
  const [patterns, parts] = [pattern.split('/'), path.split('/')];
  if (patterns.length !== parts.length || (basename(path).startsWith('.') && !basename(pattern).startsWith('.')))
    return false;
  return dirname(path) !== '' && patterns.every((one, index) => globPattern(one).test(parts[index] ?? ''));
}
