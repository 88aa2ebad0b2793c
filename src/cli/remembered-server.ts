import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hostnamePattern } from '../domain/ids.ts';
import { shellCommand } from '../doctor/report/shell-word.ts';
import { nameFor } from '../origin/install/request.ts';
import { knownLock } from '../origin/install/uninstall.ts';
import type { AskedOfServer } from '../origin/lock-record.ts';

/** What identifies a server on a host with several. */
interface ServerFlags {
  readonly hostname: readonly string[];
  readonly name?: string;
  readonly server?: string;
  readonly program?: string;
  readonly serverConfig?: string;
  readonly reload?: string;
  readonly logDir?: string;
  readonly defaultServer?: boolean;
  readonly configDir: string;
}

/** The flags with what the record of this very lock knows of its server where they say nothing, and a sentence that says so. */
export function withRememberedServer<Flags extends ServerFlags>(
  flags: Flags,
): { readonly flags: Flags; readonly told: readonly string[] } {
  const directory = resolve(flags.configDir);
  const first = hostnamePattern((flags.hostname[0] ?? '').toLowerCase());
  const name = flags.name ?? (first === null ? null : nameFor(first));
  const known = name === null ? null : knownLock(directory, name);
  if (known?.kind !== 'known') return { flags, told: [] };
  const { server, program, installed } = known.record;
  if (installed === undefined || installed === null || !existsSync(installed.main)) return { flags, told: [] };
  const { main } = installed;
  // Whoever names another server, or another file of it, speaks of another one altogether.
  const isOther =
    (flags.server !== undefined && flags.server !== server) ||
    (flags.serverConfig !== undefined && resolve(flags.serverConfig) !== main);
  if (isOther) return { flags, told: [] };
  const taken = unsaid(flags, {
    server,
    program: program !== null && existsSync(program) ? program : null,
    serverConfig: main,
    ...askedBefore(installed.asked),
  });
  const record = join(directory, 'locks', `${known.record.name}.json`);
  return { flags: { ...flags, ...taken }, told: Object.keys(taken).length === 0 ? [] : [toldOf(taken, record)] };
}

function askedBefore(asked: AskedOfServer | undefined) {
  if (asked === undefined) return {};
  const { reload, logs, defaultServer } = asked;
  return {
    reload: reload === null ? null : shellCommand(reload),
    logDir: logs,
    defaultServer: defaultServer ? true : null,
  };
}

/** What is known, and nobody says now. */
function unsaid(
  flags: object,
  known: Readonly<Record<string, string | boolean | null>>,
): Readonly<Record<string, string | boolean>> {
  const said = new Map<string, unknown>(Object.entries(flags));
  return Object.fromEntries(
    Object.entries(known).flatMap(([field, value]) =>
      value === null || said.get(field) !== undefined ? [] : [[field, value] as const],
    ),
  );
}

const WORDS = {
  server: '--server',
  program: '--program',
  serverConfig: '--server-config',
  reload: '--reload',
  logDir: '--log-dir',
} as const;

function toldOf(taken: Readonly<Record<string, string | boolean>>, record: string): string {
  const words = Object.entries(WORDS).flatMap(([field, flag]) => {
    const value = taken[field];
    return typeof value === 'string' ? [flag, value] : [];
  });
  const more = taken['defaultServer'] === true ? ['--default-server'] : [];
  return `As when it was installed (${record}): ${shellCommand([...words, ...more])}`;
}
