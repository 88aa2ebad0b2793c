import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pullCredentials } from '../support/pull-credentials.ts';
import { type RunningServer, startNginx } from '../support/server-process.ts';

/** An nginx with a locked site `www.example.test`, and files of everybody who may come. */
export interface Site extends AsyncDisposable {
  readonly nginx: RunningServer;
  /** Ports: the site over TLS, a door of plain HTTP. */
  readonly https: number;
  readonly http: number;
  /** Path of a file in the site's directory. */
  readonly file: (name: string) => string;
  /** Replaces the lines of the lock, and reloads. */
  readonly relock: (lines: string) => void;
}

const LOCK = 'ssl_client_certificate bundle.pem; ssl_verify_client on; ssl_verify_depth 3; ssl_session_tickets off;';
export const NO_LOCK = '';

/** Starts one, locked by these lines. */
export async function startSite(lock: string = LOCK): Promise<Site> {
  const people = await pullCredentials('example.test', Date.now());
  const nginx = await startNginx({
    ports: 2,
    configuration: ({ directory, ports }) => {
      const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 });
      write('bundle.pem', people.bundle);
      write('server.pem', people.server.cert + people.server.key);
      for (const [name, { cert, key }] of Object.entries({
        good: people.right,
        neighbour: people.wrong["neighbour zone's valid certificate"],
        expired: people.wrong['expired certificate'],
      }).flatMap(([name, one]) => (one === null ? [] : [[name, one] as const]))) {
        write(`${name}.pem`, cert);
        write(`${name}.key`, key);
      }
      return configuration(directory, ports, lock);
    },
  });
  const file = (name: string) => join(nginx.directory, name);
  return {
    nginx,
    https: nginx.ports[0] ?? 0,
    http: nginx.ports[1] ?? 0,
    file,
    relock: (lines) => {
      writeFileSync(file('server.conf'), configuration(nginx.directory, nginx.ports, lines));
      nginx.signal('SIGHUP');
    },
    [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose](),
  };
}

function configuration(directory: string, [https = 0, http = 0]: readonly number[], lock: string): string {
  return `events {}
error_log ${directory}/error.log;
http {
  log_format seen '$ssl_server_name|$http_host|$request|$ssl_protocol|$ssl_client_s_dn|$http_user_agent|$http_x_who';
  access_log ${directory}/access.log seen;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_certificate ${directory}/server.pem;
  ssl_certificate_key ${directory}/server.pem;
  server { listen 127.0.0.1:${https} ssl default_server; server_name _; ssl_reject_handshake on; }
  server {
    listen 127.0.0.1:${https} ssl;
    server_name www.example.test;
    ${lock.replace('bundle.pem', join(directory, 'bundle.pem'))}
    location / { default_type text/html; return 200 "<title>The application</title>"; }
  }
  server { listen 127.0.0.1:${http}; return 301 https://www.example.test$request_uri; }
}
`;
}
