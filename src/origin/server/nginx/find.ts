import { realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { askProgram } from '../ask-program.ts';
import { serverVersion } from '../../server-version.ts';
import type { FoundServer, NoServer, ServerHints } from '../found-server.ts';
import { processesNamed, programNamed, type RunningProcess, unitOf } from '../processes.ts';

/** A found nginx. */
export interface FoundNginx extends FoundServer {
  /** Where it logs requests where the configuration does not say, as a path of its own. */
  readonly accessLog: string;
}

/** Finds nginx on this host: its program, main file, running master, and how it is tested and reloaded. */
export async function findNginx(hints: ServerHints): Promise<FoundNginx | NoServer> {
  const program =
    hints.program ?? programNamed(['nginx'], ['/usr/local/nginx/sbin', '/usr/local/openresty/nginx/sbin']);
  if (program === null) return none('There is no nginx on this host.', 'Install it, or name it with --program FILE.');
  const { said } = await askProgram([program, '-V']);
  const versionText = /nginx version: (\S+)/.exec(said)?.[1] ?? '';
  const version = serverVersion(versionText.replace(/^openresty/, 'nginx'));
  if (version === null) {
    return none(`${program} does not say which version of nginx it is.`, 'Name the right program with --program FILE.');
  }
  const compiled = compiledMain(said);
  const masters = processesNamed(['nginx', 'openresty']).filter(({ title }) => title.startsWith(MASTER));
  const wanted = hints.config === undefined ? null : realPath(hints.config);
  const fitting = masters
    .map((master) => ({ master, ...startedWith(master, compiled) }))
    .filter(({ main }) => wanted === null || realPath(main) === wanted);
  if (fitting.length > 1) {
    const files = fitting.map(({ main }) => main).join(', ');
    return {
      ...none(`Several nginx run on this host (${files}).`, 'Say which with --server-config FILE.'),
      several: true,
    };
  }
  const [running] = fitting;
  const main = running?.main ?? hints.config ?? compiled;
  const argv = [program, ...(running?.argv ?? ['-c', main])];
  const unit = running === undefined ? null : unitOf(running.master.pid);
  return {
    kind: 'found',
    server: 'nginx',
    program,
    versionText,
    version,
    main,
    accessLog: /--http-log-path=(\S+)/.exec(said)?.[1] ?? 'logs/access.log',
    pid: running?.master.pid ?? null,
    test: [...argv, '-t', '-q'],
    reload: hints.reload ?? (unit === null ? [...argv, '-s', 'reload'] : ['systemctl', 'reload', unit]),
  };
}

const MASTER = 'nginx: master process ';

function none(text: string, fix: string): NoServer {
  return { kind: 'none', text, fix };
}

/** `--conf-path` of the build, or its default below `--prefix`. */
function compiledMain(said: string): string {
  const argument = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(said)?.[1];
  const prefix = argument('prefix') ?? '/usr/local/nginx';
  const path = argument('conf-path') ?? 'conf/nginx.conf';
  return isAbsolute(path) ? path : join(prefix, path);
}

/** The arguments of a master, from its title, and the main file that they name. */
export function startedWith(
  { title }: Pick<RunningProcess, 'title'>,
  compiled: string,
): { readonly argv: readonly string[]; readonly main: string } {
  const [, ...words] = title.slice(MASTER.length).trim().split(' ');
  const argv: string[] = [];
  // The title joins the arguments with spaces: one that is no flag belongs to the flag before it.
  for (const word of words.filter((one) => !/^-[qtTvVh?]$/.test(one))) {
    const before = argv.at(-1);
    if (/^-[cgpe]$/.test(word) || before === undefined || argv.length % 2 === 1) argv.push(word);
    else argv[argv.length - 1] = `${before} ${word}`;
  }
  const valueBehind = (flag: string) => argv[argv.indexOf(flag) + 1];
  const config = argv.includes('-c') ? valueBehind('-c') : undefined;
  const prefix = argv.includes('-p') ? valueBehind('-p') : undefined;
  const path = config ?? compiled;
  return { argv, main: isAbsolute(path) ? path : join(prefix ?? '/', path) };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
