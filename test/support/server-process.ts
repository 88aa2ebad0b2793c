import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { programPath } from './availability.ts';
import { freePorts } from './free-port.ts';
import { type Scratch, scratchDirectory } from './scratch.ts';

/** A real web server in the foreground, on loopback, with a directory of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  /** The ports that were given to the configuration, in order. */
  readonly ports: readonly number[];
  readonly directory: string;
  /** The end of what the server said on stderr and in its logs so far: for the message of an assertion. */
  errorLog(): string;
  /** Sends a signal (SIGHUP reloads nginx, SIGUSR1 Apache). */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** What the configuration of a test server may be made of. */
interface Places {
  readonly ports: readonly number[];
  readonly directory: string;
}

export interface ServerSetup {
  /** How many free ports the configuration needs; all but those in `quiet` must accept connections. */
  readonly ports: number;
  /** Writes what it needs into the directory and gives the text of the configuration file. */
  readonly configuration: (places: Places) => string;
  /** Indexes of ports that nobody will listen on. */
  readonly quiet?: readonly number[];
  /** Another executable of the same program, such as an older version. */
  readonly program?: string | undefined;
  /** Further arguments, such as `-C 'Define …'`. */
  readonly arguments?: (places: Places) => readonly string[];
}

/** A server that ended instead of listening: its own words are in the message. */
export class DidNotStart extends Error {}

const START_DEADLINE = 15_000;
const STOP_DEADLINE = 5_000;
const PAUSE = 15;
const LAST_WORDS = 1000;
const ATTEMPTS = 5;
const LOG_SHOWN = 16_000;

/** Starts nginx with exactly this configuration; process id and foreground come from the command line. */
export function startNginx(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('nginx'), setup, (file, { directory }) => [
    '-c',
    file,
    '-g',
    `daemon off;${/^\s*pid\s/m.test(readFileSync(file, 'utf8')) ? '' : ` pid ${join(directory, 'nginx.pid')};`}`,
  ]);
}

/** Starts Apache with exactly this configuration. */
export function startApache(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('apache2'), setup, (file) => ['-DFOREGROUND', '-f', file]);
}

/** Starts HAProxy with exactly this configuration, as a master that SIGUSR2 has reload. */
export function startHaproxy(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('haproxy'), setup, (file) => ['-W', '-db', '-f', file]);
}

/** Starts Caddy with exactly this Caddyfile; what it wants to keep goes where its `storage` says. */
export function startCaddy(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('caddy'), setup, (file) => ['run', '--adapter', 'caddyfile', '--config', file]);
}

/** Starts lighttpd with exactly this configuration. */
export function startLighttpd(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('lighttpd'), setup, (file) => ['-D', '-f', file]);
}

/** Starts stunnel with exactly this configuration. */
export function startStunnel(setup: ServerSetup): Promise<RunningServer> {
  return start(programPath('stunnel4'), setup, (file) => [file]);
}

/** Starts a program for Node; it is kept as text without an ending that says what it is. */
export function startNode(setup: ServerSetup): Promise<RunningServer> {
  return start(setup.program ?? process.execPath, setup, (file) => [file]);
}

async function start(
  program: string,
  setup: ServerSetup,
  argumentsFor: (file: string, places: Places) => readonly string[],
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const scratch = scratchDirectory();
    const places = { ports: await freePorts(setup.ports), directory: scratch.path };
    const file = join(scratch.path, 'server.conf');
    writeFileSync(file, setup.configuration(places));
    const busy = places.ports.filter((_port, index) => !(setup.quiet ?? []).includes(index));
    // Somebody was faster with one of the ports, and would be taken for this server.
    if (attempt < ATTEMPTS && (await Promise.all(busy.map((port) => accepts(port)))).includes(true)) {
      scratch[Symbol.dispose]();
      continue;
    }
    const server = run(program, [...argumentsFor(file, places), ...(setup.arguments?.(places) ?? [])], places, scratch);
    try {
      await listening(server, busy);
      return server;
    } catch (error) {
      await server.stop();
      if (attempt < ATTEMPTS && error instanceof DidNotStart && /address already in use/i.test(error.message)) continue;
      throw error;
    }
  }
}

interface StartedServer extends RunningServer {
  /** What it said, whole, once it has ended by itself; undefined while it runs. */
  lastWords(): Promise<string> | undefined;
}

function run(program: string, argv: readonly string[], places: Places, scratch: Scratch): StartedServer {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  // A test that fails before its `using` must neither keep the run alive nor leave a server behind.
  child.unref();
  const abandoned = () => child.kill('SIGKILL');
  process.once('exit', abandoned);
  child.once('exit', () => process.off('exit', abandoned));
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  // The process may be over before all that it said has been read.
  const closed = new Promise((resolve) => child.once('close', resolve));
  for (const pipe of [child.stdout, child.stderr])
    if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  child.on('error', (error) => said.push(Buffer.from(error.message)));
  const log = () => `${Buffer.concat(said).toString('utf8')}${logFiles(places.directory)}`.slice(-LOG_SHOWN);
  const stop = async () => {
    await end(child);
    scratch[Symbol.dispose]();
  };
  return {
    pid: child.pid ?? 0,
    ...places,
    errorLog: log,
    signal: (name) => void child.kill(name),
    lastWords: () => (isOver(child) ? Promise.race([closed, after(LAST_WORDS)]).then(log) : undefined),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function logFiles(directory: string): string {
  if (!existsSync(directory)) return '';
  const files = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return files.map((name) => readFileSync(join(directory, name), 'utf8')).join('');
}

function isOver(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE);
  await over;
  clearTimeout(killer);
}

async function listening(server: StartedServer, ports: readonly number[]): Promise<void> {
  const deadline = Date.now() + START_DEADLINE;
  for (const port of ports) {
    while (!(await accepts(port))) {
      await mustRun(server);
      if (Date.now() > deadline) throw new DidNotStart(`nobody listens on ${port}: ${server.errorLog()}`);
      await after(PAUSE);
    }
  }
  // Somebody else may be listening there, and the server dead, or about to find that out.
  await after(PAUSE);
  await mustRun(server);
}

async function mustRun(server: StartedServer): Promise<void> {
  const words = await server.lastWords();
  if (words !== undefined) throw new DidNotStart(`the server ended: ${words}`);
}

/** Whether somebody accepts TCP connections there. */
export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
