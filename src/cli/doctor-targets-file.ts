import { readBoundedFile } from '../files/bounded-file.ts';
import { Failure } from './failure.ts';

/** A line of the file: a name, and where it may be reached instead of what it resolves to. */
export interface ListedTarget {
  readonly name: string;
  readonly places: readonly string[];
}

const MOST_BYTES = 4 * 1024 * 1024;

/** The targets in a file: `NAME [HOST:PORT]…` in each line; `#` begins a remark. */
export function targetsIn(path: string): readonly ListedTarget[] {
  const read = readBoundedFile(path, MOST_BYTES);
  if (read.kind !== 'bytes') {
    const why = read.kind === 'unreadable' ? (read.error.code ?? 'unreadable') : read.kind.replaceAll('_', ' ');
    throw new Failure(`--targets ${path} cannot be read (${why}).`, 'Name a file with one target in each line.');
  }
  const lines = read.bytes.toString('utf8').split(/\r?\n/);
  const found = lines.flatMap((line) => {
    const [name, ...places] = line
      .replace(/#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    return name === undefined ? [] : [{ name, places }];
  });
  if (found.length > 0) return found;
  throw new Failure(`--targets ${path} names nobody.`, 'Write one target in each line: NAME [HOST:PORT]….');
}
