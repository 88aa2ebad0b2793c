import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program that was started. */
export type Program = ChildProcessByStdio<Writable, Readable, Readable | null>;

/** A directory that goes when the bench ends, and the processes that work in it. */
export interface Workshop {
  readonly directory: string;
  readonly file: (name: string, text: string) => string;
  /** Starts a program, with more in its environment where that is given. What it logs is shown. */
  readonly start: (program: string, args: readonly string[], more?: Readonly<Record<string, string>>) => Program;
  /** The same for a program that logs without end: that goes to a file, as a service's log would. */
  readonly startLogging: Workshop['start'];
  /** Ends a program before the others. */
  readonly end: (program: Program) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a workshop. */
export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const running: Program[] = [];
  const started = <Child extends Program>(child: Child): Child => {
    child.stdout.resume();
    running.push(child);
    return child;
  };
  return {
    directory,
    file: (name, text) => {
      const path = join(directory, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    start: (program, args, more = {}) => {
      const env = { ...process.env, ...more };
      return started(spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env }));
    },
    startLogging: (program, args, more = {}) => {
      const env = { ...process.env, ...more };
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
      child.stderr.pipe(createWriteStream(join(directory, `${child.pid}.log`)));
      return started(child);
    },
    end,
    close: async () => {
      for (const child of running) await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function end(program: Program): Promise<void> {
  if (program.exitCode !== null) return;
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Waits until somebody accepts connections there. */
export async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await after(20);
  }
  throw new Error(`nobody listens on ${port}`);
}

/** Path of the program under test. */
export const POSTERN = fileURLToPath(new URL('../bin/postern.js', import.meta.url));

const SHARED = `daemon off; worker_processes 1; error_log stderr error; pid DIR/NAME.pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; tcp_nodelay on; sendfile on;
  client_body_temp_path DIR/NAME-body; proxy_temp_path DIR/NAME-proxy; fastcgi_temp_path DIR/NAME-f; uwsgi_temp_path DIR/NAME-u; scgi_temp_path DIR/NAME-s;
  BODY
}`;

/** A complete configuration of nginx with one worker, in a directory of its own. */
export function nginxConfiguration(name: string, directory: string, body: string): string {
  return SHARED.replaceAll('DIR', directory).replaceAll('NAME', name).replace('BODY', body);
}
