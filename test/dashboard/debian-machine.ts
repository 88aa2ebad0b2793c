import { spawn } from 'node:child_process';
import { accessSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithTests, environment } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { needs, type Program, programPath } from '../support/availability.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { freePorts } from '../support/free-port.ts';
import { accepts } from '../support/server-process.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { openTerminal, type Terminal } from './terminal.ts';

type Server = 'nginx' | 'apache';

/** Names of the sites that are served. */
const HOSTS = { nginx: 'www.example.test', apache: 'shop.example.test' } as const satisfies Record<Server, string>;

/** A machine as Debian's packages leave it, which serves a site over TLS; its terminal is root's. */
export interface DebianMachine extends AsyncDisposable, Omit<Terminal, 'close'> {
  readonly application: EchoApplication;
  /** The site's name. */
  readonly host: string;
  /** Where its server listens. */
  readonly port: number;
}

const SCRIPT = join(import.meta.dirname, 'debian-machine.sh');

/** Options for `test`: namespaces are for root on Linux, and what is in them is a Debian. */
export function needsDebian(...programs: readonly Program[]): { readonly skip: string | false } {
  const isDebian = process.platform === 'linux' && process.getuid?.() === 0 && isThere('/etc/debian_version');
  return isDebian
    ? needs('unshare', 'nsenter', 'openssl', ...programs)
    : { skip: 'needs root on Debian, for namespaces of its own' };
}

/** Starts it, with its server; that of nginx may have other names in the same block. */
export async function startDebianMachine(server: Server, others: readonly string[] = []): Promise<DebianMachine> {
  const application = await startEcho();
  const scratch = scratchDirectory();
  const [port = 0] = await freePorts(1);
  const isolated = ['-m', '-p', '-f', '--mount-proc', '--kill-child', 'sh', SCRIPT];
  const argv = [
    ...isolated,
    server,
    HOSTS[server],
    scratch.path,
    String(port),
    String(application.port),
    others.join(' '),
  ];
  const child = spawn(programPath('unshare'), argv, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  endWithTests(child);
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(`${server} serves`, async () => {
    if (child.exitCode !== null) throw new Error(Buffer.concat(said).toString('utf8'));
    return existsSync(join(scratch.path, 'ready')) && accepts(port);
  });
  // The first process within: its end is that of all others there.
  const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const { close, ...terminal } = openTerminal(scratch.path, [programPath('nsenter'), '-t', first, '-m', '-p']);
  return {
    ...terminal,
    application,
    host: HOSTS[server],
    port,
    [Symbol.asyncDispose]: async () => {
      close();
      child.kill('SIGKILL');
      await ended;
      await application[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
