import { resolve } from 'node:path';
import { serverVersion } from '../../server-version.ts';
import { askProgram } from '../ask-program.ts';
import type { FoundServer, NoServer, ServerHints } from '../found-server.ts';
import { processesNamed, programNamed, type RunningProcess, unitOf } from '../processes.ts';

const DEFAULT_FILE = '/etc/caddy/Caddyfile';

/** Finds Caddy on this host: its program, Caddyfile, process, and how it is tested and reloaded. */
export async function findCaddy(hints: ServerHints): Promise<FoundServer | NoServer> {
  const program = hints.program ?? programNamed(['caddy']);
  if (program === null) return none('There is no Caddy on this host.', 'Install it, or name it with --program FILE.');
  const said = (await askProgram([program, 'version'])).said;
  const version = serverVersion((said.split(/\s/)[0] ?? '').replace(/^v/, ''));
  if (version === null) {
    return none(`${program} does not say which version of Caddy it is.`, 'Name the right program with --program FILE.');
  }
  const running = processesNamed(['caddy']).filter(({ argv }) => argv[1] === 'run' || argv[1] === 'start');
  const wanted = hints.config === undefined ? null : resolve(hints.config);
  const fitting = running
    .map((process) => ({ process, main: configOf(process) }))
    .filter(({ main }) => wanted === null || main === wanted);
  if (fitting.length > 1) {
    return {
      ...none(
        `Several Caddy run on this host (${fitting.map(({ main }) => main).join(', ')}).`,
        'Say which with --server-config FILE.',
      ),
      several: true,
    };
  }
  const [one] = fitting;
  const main = one?.main ?? wanted ?? DEFAULT_FILE;
  if (main.endsWith('.json'))
    return none(`${main} is JSON, which is not edited here.`, 'Put the lock in by hand: postern origin config caddy.');
  const unit = one === undefined ? null : unitOf(one.process.pid);
  const config = ['--config', main, '--adapter', 'caddyfile'];
  return {
    kind: 'found',
    server: 'caddy',
    program,
    versionText: `Caddy ${version.join('.')}`,
    version,
    main,
    pid: one?.process.pid ?? null,
    test: [program, 'validate', ...config],
    reload: hints.reload ?? (unit === null ? [program, 'reload', ...config] : ['systemctl', 'reload', unit]),
  };
}

function none(text: string, fix: string): NoServer {
  return { kind: 'none', text, fix };
}

function configOf({ argv }: RunningProcess): string {
  const at = argv.findIndex((word) => word === '--config' || word === '-c');
  const joined = argv.find((word) => word.startsWith('--config='))?.slice('--config='.length);
  return resolve((at < 0 ? joined : argv[at + 1]) ?? DEFAULT_FILE);
}
