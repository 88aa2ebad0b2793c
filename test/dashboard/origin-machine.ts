import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, endWithTests, environment, PROGRAM, run } from '../scenarios/program.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type RunningServer, startNginx } from '../support/server-process.ts';

/** A machine with an application and an nginx that knows no lock yet, and a terminal on it. */
export interface OriginMachine extends AsyncDisposable {
  readonly application: EchoApplication;
  /** Where its nginx listens. */
  readonly port: number;
  readonly directory: string;
  /** Puts this in place of the configuration of nginx, and has it loaded. */
  readonly load: (configuration: string) => void;
  /** Types a line that the terminal remembers, such as one that exports a variable. */
  readonly remember: (line: string) => void;
  /** Types a line, as it was copied; resolves when it has ended. */
  readonly type: (line: string) => Promise<Ended>;
  /** Types a line that goes on until the machine is gone. */
  readonly leaveRunning: (line: string) => void;
}

const NOTHING_YET = (port: number, directory: string) => `worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 64; }
http {
  access_log off;
  server { listen 127.0.0.1:${port}; return 404; }
}
`;

/** Starts it. Its terminal knows the program, and no token. */
export async function startOriginMachine(): Promise<OriginMachine> {
  const application = await startEcho();
  const server = await startNginx({
    ports: 1,
    configuration: ({ ports: [port = 0], directory }) => NOTHING_YET(port, directory),
  });
  const { directory } = server;
  const env = {
    XDG_STATE_HOME: join(directory, 'state'),
    PATH: `${withPostern(directory)}:${process.env['PATH'] ?? ''}`,
  };
  const remembered: string[] = [];
  const typed = (line: string) => ['sh', '-c', [...remembered, line].join('\n')] as const;
  const running: ChildProcess[] = [];
  return {
    application,
    port: server.ports[0] ?? 0,
    directory,
    load: (configuration) => loaded(server, configuration),
    remember: (line) => void remembered.push(line),
    // What stands behind the line are arguments that it does not use.
    type: (line) => run([], env, typed(line)),
    // In place of the shell, so that it is what ends with the machine.
    leaveRunning: (line) => {
      const [shell, ...words] = typed(`exec ${line}`);
      const child = spawn(shell, words, { env: environment(env), stdio: 'ignore' });
      endWithTests(child);
      running.push(child);
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill('SIGTERM');
      await server.stop();
      await application[Symbol.asyncDispose]();
    },
  };
}

function loaded(server: RunningServer, configuration: string): void {
  writeFileSync(join(server.directory, 'server.conf'), configuration);
  server.signal('SIGHUP');
}

/** A directory for PATH in which the program has its name. */
function withPostern(directory: string): string {
  const path = join(directory, 'bin');
  mkdirSync(path);
  writeFileSync(join(path, 'postern'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  chmodSync(join(path, 'postern'), 0o755);
  return path;
}
