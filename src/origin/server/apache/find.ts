import { readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { serverVersion } from '../../server-version.ts';
import { askProgram } from '../ask-program.ts';
import { DISK } from '../config-source.ts';
import type { FoundServer, NoServer, ServerHints } from '../found-server.ts';
import { processesNamed, programNamed, type RunningProcess, unitOf } from '../processes.ts';
import { type ApacheStart, readApacheTree } from './tree.ts';

/** Apache on this host, with what it knows before it reads its configuration. */
export interface FoundApache extends FoundServer {
  readonly start: ApacheStart;
}

const PROGRAMS = ['apache2', 'httpd'];

/** Finds Apache on this host: its program, main file, running parent, and how it is tested and reloaded. */
export async function findApache(hints: ServerHints): Promise<FoundApache | NoServer> {
  const program = hints.program ?? programNamed(PROGRAMS, ['/usr/local/apache2/bin']);
  if (program === null) return none('There is no Apache on this host.', 'Install it, or name it with --program FILE.');
  const built = (await askProgram([program, '-V'])).said;
  const versionText = /Server version: (\S+)/.exec(built)?.[1] ?? '';
  const version = serverVersion(versionText);
  if (version === null) {
    return none(
      `${program} does not say which version of Apache it is.`,
      'Name the right program with --program FILE.',
    );
  }
  const root = /HTTPD_ROOT="([^"]*)"/.exec(built)?.[1] ?? '/';
  const compiled = absolute(/SERVER_CONFIG_FILE="([^"]*)"/.exec(built)?.[1] ?? 'conf/httpd.conf', root);
  const parents = fitting(processesNamed(PROGRAMS), { root, compiled, wanted: hints.config });
  if (parents.length > 1) {
    return {
      ...none(
        `Several Apache run on this host (${parents.map(({ main }) => main).join(', ')}).`,
        'Say which with --server-config FILE.',
      ),
      several: true,
    };
  }
  const [running] = parents;
  const main = running?.main ?? hints.config ?? compiled;
  const argv = running?.argv ?? ['-f', main];
  const modules = (await askProgram([program, '-l'])).said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.endsWith('.c'));
  const start: ApacheStart = {
    main,
    root: valueBehind(argv, '-d') ?? root,
    modules,
    defines: argv.flatMap((word, index) =>
      word === '-D' ? [argv[index + 1] ?? ''] : /^-D./.test(word) ? [word.slice(2)] : [],
    ),
    environment: running === undefined ? {} : environmentOf(running.process.pid),
  };
  const command = [...withEnvironment(start), program, ...argv.filter((word) => !FOREGROUND.has(word))];
  const unit = running === undefined ? null : unitOf(running.process.pid);
  return {
    kind: 'found',
    server: 'apache',
    program,
    versionText,
    version,
    main,
    pid: running?.process.pid ?? null,
    test: [...command, '-t'],
    reload: hints.reload ?? (unit === null ? [...command, '-k', 'graceful'] : ['systemctl', 'reload', unit]),
    start,
  };
}

const FOREGROUND: ReadonlySet<string> = new Set(['-DFOREGROUND', '-DNO_DETACH', '-X']);

function none(text: string, fix: string): NoServer {
  return { kind: 'none', text, fix };
}

interface Wanted {
  readonly root: string;
  readonly compiled: string;
  readonly wanted: string | undefined;
}

interface Parent {
  readonly process: RunningProcess;
  readonly argv: readonly string[];
  readonly main: string;
}

/** The parents, without the processes that they started. */
function fitting(processes: readonly RunningProcess[], { root, compiled, wanted }: Wanted): readonly Parent[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  return processes
    .filter(({ parent }) => !pids.has(parent))
    .map((process) => {
      const words = process.argv.slice(1);
      const at = words.indexOf('-k');
      const argv = at < 0 ? words : words.filter((_word, index) => index !== at && index !== at + 1);
      return { process, argv, main: absolute(valueBehind(argv, '-f') ?? compiled, valueBehind(argv, '-d') ?? root) };
    })
    .filter(({ main }) => wanted === undefined || realPath(main) === realPath(wanted));
}

function valueBehind(argv: readonly string[], flag: string): string | undefined {
  const at = argv.indexOf(flag);
  return at < 0 ? undefined : argv[at + 1];
}

function absolute(path: string, root: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function environmentOf(pid: number): Readonly<Record<string, string>> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => entry.includes('='));
    return Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
  } catch {
    return {};
  }
}

/** Debian's configuration takes its places from the environment of the start script: only what it names is handed on. */
function withEnvironment(start: ApacheStart): readonly string[] {
  const { texts } = readApacheTree(start, DISK);
  const named = new Set(
    [...texts.values()].flatMap((text) => [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)),
  );
  const given = Object.entries(start.environment).filter(([name]) => named.has(name));
  return given.length === 0 ? [] : ['/usr/bin/env', ...given.map(([name, value]) => `${name}=${value}`)];
}
