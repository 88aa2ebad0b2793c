import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ServerName } from '../generate/server-facts.ts';
import { serverVersion } from '../server-version.ts';
import { askProgram } from './ask-program.ts';

/** How each server says its version: the programs that it may be, and the argument. One row each. */
const ASKED: Readonly<
  Partial<Record<ServerName, { readonly programs: readonly string[]; readonly argument: string }>>
> = {
  nginx: { programs: ['nginx'], argument: '-v' },
  apache: { programs: ['apache2', 'httpd'], argument: '-v' },
  haproxy: { programs: ['haproxy'], argument: '-v' },
  caddy: { programs: ['caddy'], argument: 'version' },
};

/** What a program on this machine says of itself. */
export interface InstalledVersion {
  /** Absolute path. */
  readonly program: string;
  /** As `--server-version` takes it. */
  readonly version: string;
}

// A version is said at once; whatever waits longer waits for something else.
const DEADLINE = 3_000;
// Those for root are in nobody else's PATH.
const FURTHER = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/local/nginx/sbin', '/opt/homebrew/bin'];

/** The version of a server on this machine; `null` where there is none, or it does not say one. */
export async function installedVersion(
  server: ServerName,
  searchPath: string = process.env['PATH'] ?? '',
): Promise<InstalledVersion | null> {
  const row = ASKED[server];
  if (row === undefined) return null;
  // Relative entries of PATH would start whatever lies in the working directory.
  const directories = [...searchPath.split(delimiter).filter((directory) => directory.startsWith('/')), ...FURTHER];
  const program = row.programs
    .flatMap((name) => directories.map((directory) => join(directory, name)))
    .find(isExecutable);
  if (program === undefined) return null;
  const { code, said } = await askProgram([program, row.argument], DEADLINE);
  const version = code === 0 ? serverVersion(said) : null;
  return version === null ? null : { program, version: version.join('.') };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
