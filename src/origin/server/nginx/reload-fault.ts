import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { askProgram } from '../ask-program.ts';
import { DISK } from '../config-source.ts';
import { readNginxTree } from './tree.ts';

/** Why a server goes on with its old configuration. Not yet `final` where it still tries. */
export interface ReloadFault {
  readonly text: string;
  readonly final: boolean;
}

/** A running nginx whose reload is looked after. */
interface Reloaded {
  readonly program: string | null;
  readonly main: string;
  /** Of the master. */
  readonly pid: number;
}

/**
 * Looks into nginx's error log for what its master says there from now on: `nginx -t` does not bind, and `nginx -s reload` only
 * sends a signal, so that a configuration that cannot be taken up is told nowhere else.
 */
export async function nginxReloadFault({ program, main, pid }: Reloaded): Promise<() => ReloadFault | null> {
  const logs = (await errorLogs(program, main)).map((path) => ({ path, from: textFrom(path, null).end }));
  return () => {
    for (const { path, from } of logs) {
      const lines = emergencies(textFrom(path, from).text, pid);
      const [first] = lines;
      if (first === undefined) continue;
      // It binds five times, half a second apart, and tells each time.
      const final = lines.some((line) => !line.startsWith('bind() '));
      return { text: `nginx goes on with its old configuration, as it says in ${path}: ${first}`, final };
    }
    return null;
  };
}

async function errorLogs(program: string | null, main: string): Promise<readonly string[]> {
  const named = readNginxTree(main, DISK).effective.filter(({ name }) => name === 'error_log');
  const paths = named.map(({ args: [path = ''] }) => path).filter((path) => path !== 'stderr' && !path.includes(':'));
  if (named.length > 0 && paths.every((path) => isAbsolute(path))) return paths;
  const built = program === null ? '' : (await askProgram([program, '-V'])).said;
  const builtIn = (argument: string) => new RegExp(`--${argument}=(\\S+)`).exec(built)?.[1];
  const compiled = builtIn('error-log-path');
  const prefix = builtIn('prefix') ?? '/usr/local/nginx';
  return [...paths, ...(named.length > 0 || compiled === undefined ? [] : [compiled])].map((path) =>
    resolve(prefix, path),
  );
}

function emergencies(text: string, pid: number): readonly string[] {
  const own = new RegExp(`\\[emerg\\] ${pid}#\\d+: (.*)`);
  return text.split('\n').flatMap((line) => own.exec(line)?.[1] ?? []);
}

const MOST_READ = 65_536;

/** What stands behind a place of a file, and where it ends; with `null` only the latter. */
function textFrom(path: string, from: number | null): { readonly text: string; readonly end: number } {
  try {
    const file = openSync(path, 'r');
    try {
      const end = fstatSync(file).size;
      if (from === null || end <= from) return { text: '', end };
      const bytes = Buffer.alloc(Math.min(end - from, MOST_READ));
      const read = readSync(file, bytes, 0, bytes.length, from);
      return { text: bytes.toString('utf8', 0, read), end };
    } finally {
      closeSync(file);
    }
  } catch {
    // Not there yet, or not for this user: then the proof alone tells.
    return { text: '', end: 0 };
  }
}
