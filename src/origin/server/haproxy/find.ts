import { resolve } from 'node:path';
import { serverVersion } from '../../server-version.ts';
import { askProgram } from '../ask-program.ts';
import type { FoundServer, NoServer, ServerHints } from '../found-server.ts';
import { processesNamed, programNamed, type RunningProcess, unitOf } from '../processes.ts';

/** HAProxy on this host, with all the files that it reads. */
export interface FoundHaproxy extends FoundServer {
  readonly files: readonly string[];
}

const DEFAULT_FILE = '/etc/haproxy/haproxy.cfg';

/** Finds HAProxy on this host: its program, files, running master, and how it is tested and reloaded. */
export async function findHaproxy(hints: ServerHints): Promise<FoundHaproxy | NoServer> {
  const program = hints.program ?? programNamed(['haproxy']);
  if (program === null) return none('There is no HAProxy on this host.', 'Install it, or name it with --program FILE.');
  const versionText = /HA-?Proxy version \S+/i.exec((await askProgram([program, '-v'])).said)?.[0] ?? '';
  const version = serverVersion(versionText.replace(/^HA-?Proxy version /i, '').replace(/-.*$/, ''));
  if (version === null) {
    return none(
      `${program} does not say which version of HAProxy it is.`,
      'Name the right program with --program FILE.',
    );
  }
  const all = processesNamed(['haproxy']);
  const pids = new Set(all.map(({ pid }) => pid));
  const masters = all
    .filter(({ parent }) => !pids.has(parent))
    .map((process) => ({ process, files: filesOf(process) }));
  const wanted = hints.config === undefined ? null : resolve(hints.config);
  const fitting = masters.filter(({ files }) => wanted === null || files.includes(wanted));
  if (fitting.length > 1) {
    const shown = fitting.map(({ files }) => files.join(' ')).join(', ');
    return {
      ...none(`Several HAProxy run on this host (${shown}).`, 'Say which with --server-config FILE.'),
      several: true,
    };
  }
  const [running] = fitting;
  const files = running?.files ?? [wanted ?? DEFAULT_FILE];
  return {
    kind: 'found',
    server: 'haproxy',
    program,
    versionText,
    version,
    main: wanted ?? files[0] ?? DEFAULT_FILE,
    files,
    pid: running?.process.pid ?? null,
    test: [program, '-c', '-q', ...files.flatMap((file) => ['-f', file])],
    reload: hints.reload ?? reloadOf(running?.process),
  };
}

function none(text: string, fix: string): NoServer {
  return { kind: 'none', text, fix };
}

// The kernel tells no directory for arguments: a relative one starts where the process was started.
function filesOf({ argv }: RunningProcess): readonly string[] {
  return argv.flatMap((word, index) => (word === '-f' ? [resolve(argv[index + 1] ?? '')] : []));
}

/** A master takes a signal; one process alone does not reload. */
function reloadOf(process: RunningProcess | undefined): readonly string[] {
  if (process === undefined) return [];
  const unit = unitOf(process.pid);
  if (unit !== null) return ['systemctl', 'reload', unit];
  return process.argv.some((word) => word.startsWith('-W')) ? ['/bin/sh', '-c', `kill -USR2 ${process.pid}`] : [];
}
