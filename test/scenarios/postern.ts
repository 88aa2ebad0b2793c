import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undescribed } from '../../src/control/api/described.fixture.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { endWithTests, environment, PROGRAM } from './program.ts';
import { until } from './until.ts';

/** An answer of the API: the envelope of Cloudflare's v4, with the HTTP status. */
export interface Answer<T> {
  readonly status: number;
  readonly success: boolean;
  readonly result: T;
  readonly messages: readonly Said[];
  readonly errors: readonly Said[];
}

interface Said {
  readonly code: number;
  readonly message: string;
}

/** One line of the log. `msg` is the event. */
export type LogLine = Readonly<Record<string, string | number | boolean | null>>;

/** A `postern up` in a process of its own. */
export interface Postern extends AsyncDisposable {
  /** The data directory. */
  readonly dir: string;
  readonly readyFile: string;
  /** Address of the API, without a path. */
  readonly base: string;
  /** Ports of the edge. */
  readonly https: number;
  readonly http: number;
  /** The process that SIGTERM drains, by its own words. */
  readonly pid: number;
  readonly token: string;
  /** A call that must succeed. `path` stands below `/client/v4`, or begins with `/postern/`. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** A call that may be refused. Rejects where no answer comes. */
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** The lines of the log so far, of one event where one is named. */
  logged(event?: string): readonly LogLine[];
  /** Signals the process that was started. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export interface PosternOptions {
  /** A data directory that is kept; a new one that goes away where left out. */
  readonly dir?: string;
  /** Further arguments of `postern up`. */
  readonly argv?: readonly string[];
  /** Another Node to run it with. */
  readonly node?: string;
}

/** Starts the program and waits for its ready file. Throws, with what it said, where it ends instead. */
export async function startPostern(options: PosternOptions = {}): Promise<Postern> {
  const scratch = scratchDirectory();
  const dir = options.dir ?? join(scratch.path, 'data');
  const readyFile = join(scratch.path, 'ready.json');
  const child = spawn(
    options.node ?? process.execPath,
    [PROGRAM, ...upArguments(dir, readyFile), ...(options.argv ?? [])],
    {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  endWithTests(child);
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const stderr = () => Buffer.concat(said).toString('utf8');
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'SIGKILL');
  try {
    await until('the ready file is there', () => {
      assert.ok(child.exitCode === null && child.signalCode === null, `postern up ended: ${stderr()}`);
      return existsSync(readyFile);
    });
  } catch (error) {
    child.kill('SIGKILL');
    scratch[Symbol.dispose]();
    throw error;
  }
  return running(child, { dir, readyFile, scratch, stderr, ended });
}

/** The arguments of `postern up` on free ports of loopback, with the least that it starts. */
export function upArguments(dir: string, readyFile: string): readonly string[] {
  const listeners = ['--api', '--https', '--http'].flatMap((flag) => [flag, '127.0.0.1:0']);
  // Looks at locks would stand among what applications saw.
  const quiet = ['--workers', '1', '--attest-every', 'off'];
  return ['up', '--data', dir, ...listeners, ...quiet, '--ready-file', readyFile];
}

interface Parts {
  readonly dir: string;
  readonly readyFile: string;
  readonly scratch: Scratch;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
}

interface Ready {
  readonly api_url: string;
  readonly https: string;
  readonly http: string;
  readonly pid: number;
}

function running(child: ChildProcess, { dir, readyFile, scratch, stderr, ended }: Parts): Postern {
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready;
  const base = ready.api_url;
  const token = readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim();
  const ask = <T>(method: string, path: string, body?: unknown) => send<T>({ base, token }, { method, path, body });
  return {
    dir,
    readyFile,
    base,
    https: portOf(ready.https),
    http: portOf(ready.http),
    pid: ready.pid,
    token,
    ask,
    call: async <T>(method: string, path: string, body?: unknown) => {
      const answer = await ask<T>(method, path, body);
      assert.ok(answer.success, `${method} ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
    logged: (event) => logLines(stderr()).filter(({ msg }) => event === undefined || msg === event),
    signal: (name) => void child.kill(name),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      scratch[Symbol.dispose]();
    },
  };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const TIMEOUT = 20_000;

async function send<T>(to: { readonly base: string; readonly token: string }, request: Request): Promise<Answer<T>> {
  const { method, path, body } = request;
  const url = `${path.startsWith('/postern/') ? '' : '/client/v4'}${path}`;
  const response = await fetch(to.base + url, {
    method,
    headers: { authorization: `Bearer ${to.token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status, headers } = response;
  const text = await response.text();
  // Whatever a test asks about, the answer must be one that the API's description describes.
  assert.equal(undescribed({ method, url, status, type: headers.get('content-type'), body: text }), null);
  const envelope = JSON.parse(text) as Omit<Answer<T>, 'status'>;
  return { ...envelope, status };
}

function logLines(text: string): readonly LogLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    assert.ok(line.startsWith('{'), `a line of the log is not JSON: ${line}`);
    return JSON.parse(line) as LogLine;
  });
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
