import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type RunningServer, startNginx } from '../support/server-process.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** A machine with an application and an nginx that knows no lock yet, and a terminal on it. */
export interface OriginMachine extends AsyncDisposable, Omit<Terminal, 'close'> {
  readonly application: EchoApplication;
  /** Where its nginx listens. */
  readonly port: number;
  readonly directory: string;
  /** Puts this in place of the configuration of nginx, and has it loaded. */
  readonly load: (configuration: string) => void;
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

/** Starts it. */
export async function startOriginMachine(): Promise<OriginMachine> {
  const application = await startEcho();
  const server = await startNginx({
    ports: 1,
    configuration: ({ ports: [port = 0], directory }) => NOTHING_YET(port, directory),
  });
  const { directory } = server;
  const { close, ...terminal } = openTerminal(directory);
  return {
    ...terminal,
    application,
    port: server.ports[0] ?? 0,
    directory,
    load: (configuration) => loaded(server, configuration),
    [Symbol.asyncDispose]: async () => {
      close();
      await server.stop();
      await application[Symbol.asyncDispose]();
    },
  };
}

function loaded(server: RunningServer, configuration: string): void {
  writeFileSync(join(server.directory, 'server.conf'), configuration);
  server.signal('SIGHUP');
}
