import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that tests start, and where Debian puts those that are for root. */
export type Program =
  | 'nginx'
  | 'apache2'
  | 'haproxy'
  | 'caddy'
  | 'lighttpd'
  | 'stunnel4'
  | 'node'
  | 'openssl'
  | 'curl'
  | 'chromium'
  | 'nft'
  | 'ip'
  | 'unshare'
  | 'nsenter';

const DIRECTORIES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin'];

/** Where the program is, or `null`. */
function findProgram(program: Program): string | null {
  return DIRECTORIES.map((directory) => join(directory, program)).find(isExecutable) ?? null;
}

/** Where the program is; throws where it is missing. */
export function programPath(program: Program): string {
  const path = findProgram(program);
  if (path === null) throw new Error(`${program} is not installed`);
  return path;
}

/**
 * Options for `test` or `describe`: skipped, with the reason, where a program is missing. In CI nothing is skipped, so
 * that the test runs and fails: a check that silently never ran would look like one that passed.
 */
export function needs(...programs: readonly Program[]): { readonly skip: string | false } {
  const missing = programs.filter((program) => findProgram(program) === null);
  if (missing.length === 0 || process.env['CI'] === 'true') return { skip: false };
  return { skip: `not installed: ${missing.join(', ')}` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
