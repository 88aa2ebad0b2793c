import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithTests, environment, PROGRAM } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import type { LockedOrigin } from '../servers/locked-origin.ts';
import { HOST, writeCredential, ZONE } from '../servers/locked-origin.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import type { PullCredentials } from '../support/pull-credentials.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { DidNotStart } from '../support/server-process.ts';

/** One line of the guard's log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A guard in a process of its own, before an application that echoes. */
export interface GuardProcess extends LockedOrigin {
  readonly directory: string;
  readonly pid: number;
  /** The port of `/health` and `/metrics`. */
  readonly healthPort: number;
  readonly lines: () => readonly LogLine[];
  readonly logged: (event: string, matches?: (line: LogLine) => boolean) => Promise<LogLine>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

interface Places {
  readonly directory: string;
  readonly application: EchoApplication;
}

export interface GuardSetup {
  readonly credentials: PullCredentials;
  /** What is in the bundle's file; the zone's bundle where left out, `null` for no file. */
  readonly bundle?: string | null;
  /** Further flags, or all of them where `alone` is set. */
  readonly flags?: (places: Places) => readonly string[];
  readonly alone?: boolean;
  readonly application?: EchoApplication;
  /** What it is told by its environment. */
  readonly environment?: (places: Places) => Readonly<Record<string, string>>;
  /** How it runs, where not with a health endpoint and a bounded drain. */
  readonly run?: readonly string[] | undefined;
}

/** Starts it. Throws `DidNotStart` with its own words where it refuses to. */
export async function startGuardProcess(setup: GuardSetup): Promise<GuardProcess> {
  const { credentials, bundle = credentials.bundle, alone = false } = setup;
  const scratch = scratchDirectory();
  const directory = scratch.path;
  const application = setup.application ?? (await startEcho());
  if (bundle !== null) writeFileSync(join(directory, 'bundle.pem'), bundle);
  writeCredential(directory, 'site', credentials.server);
  const readyFile = join(directory, 'ready.json');
  const run = ['--ready-file', readyFile, ...(setup.run ?? ['--health', '127.0.0.1:0', '--drain', '10s'])];
  const own = setup.flags?.({ directory, application }) ?? [];
  const argv = ['guard', ...run, ...(alone ? [] : siteFlags(directory, application, own)), ...own];
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    env: environment(setup.environment?.({ directory, application })),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithTests(child);
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const text = (): string => Buffer.concat(said).toString('utf8');
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const over = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (!over()) child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(killer);
    await application[Symbol.asyncDispose]();
    scratch[Symbol.dispose]();
  };
  await until('the guard answers or ends', () => existsSync(readyFile) || over());
  if (over()) {
    await stop();
    throw new DidNotStart(`${text()}\nexit code ${await ended}`);
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { listen: string[]; health: string; pid: number };
  const port = (place: string): number => Number(place.slice(place.lastIndexOf(':') + 1));
  const lines = (): readonly LogLine[] =>
    text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  const tlsPort = port(ready.listen[0] ?? '');
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return {
    application,
    server: {
      pid: ready.pid,
      ports: [tlsPort],
      directory,
      errorLog: () => text().slice(-4_000),
      signal,
      stop,
      [Symbol.asyncDispose]: stop,
    },
    tlsPort,
    httpPort: 0,
    ownPort: 0,
    directory,
    pid: ready.pid,
    healthPort: port(ready.health),
    lines,
    logged: (event, matches = () => true) =>
      until(`the guard logs ${event}\n${text().slice(-2_000)}`, () => {
        return lines().find((line) => line.msg === event && matches(line)) ?? null;
      }),
    signal,
    ended,
    [Symbol.asyncDispose]: stop,
  };
}

function siteFlags(directory: string, { port }: EchoApplication, own: readonly string[]): readonly string[] {
  const usual: Readonly<Record<string, string>> = {
    '--hostname': HOST,
    '--zone': ZONE,
    '--bundle': join(directory, 'bundle.pem'),
    '--server-cert': join(directory, 'site.pem'),
    '--server-key': join(directory, 'site.key'),
    '--upstream': `http://127.0.0.1:${port}`,
    '--listen': '127.0.0.1:0',
  };
  return Object.entries(usual).flatMap(([flag, value]) => (own.includes(flag) ? [] : [flag, value]));
}
