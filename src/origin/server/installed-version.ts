import type { ServerName } from '../generate/server-facts.ts';
import { serverVersion } from '../server-version.ts';
import { askProgram } from './ask-program.ts';
import { programPath } from './program-path.ts';

/** How each server says its version: the programs that it may be, and the argument. One row each. */
const ASKED: Readonly<
  Partial<Record<ServerName, { readonly programs: readonly string[]; readonly argument: string }>>
> = {
  nginx: { programs: ['nginx'], argument: '-v' },
  apache: { programs: ['apache2', 'httpd'], argument: '-v' },
  haproxy: { programs: ['haproxy'], argument: '-v' },
  caddy: { programs: ['caddy'], argument: 'version' },
  lighttpd: { programs: ['lighttpd'], argument: '-v' },
  stunnel: { programs: ['stunnel', 'stunnel4'], argument: '-version' },
  node: { programs: ['node'], argument: '--version' },
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
export async function installedVersion(server: ServerName, searchPath?: string): Promise<InstalledVersion | null> {
  const row = ASKED[server];
  if (row === undefined) return null;
  const program = programPath(row.programs, FURTHER, searchPath);
  if (program === null) return null;
  const { code, said } = await askProgram([program, row.argument], DEADLINE);
  // stunnel says something else first.
  const lines = code === 0 ? said.split('\n') : [];
  const [version] = lines.map(serverVersion).filter((read) => read !== null);
  return version === undefined ? null : { program, version: version.join('.') };
}
