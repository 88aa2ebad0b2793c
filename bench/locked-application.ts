// An application on node:https, run as a process of its own: node bench/locked-application.ts '<Application as JSON>'.
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { originPullServerOptions, requireOriginPull } from '../src/origin/middleware.ts';
import type { LockFiles } from './lock-files.ts';

/** What it is started with. */
export interface Application extends Pick<LockFiles, 'bundle' | 'chain' | 'key'> {
  readonly name: string;
  readonly port: number;
  /** Whether requireOriginPull looks at each request, or TLS alone at each handshake. */
  readonly locked: boolean;
}

const { name, port, locked, bundle, chain, key } = JSON.parse(process.argv[2] ?? '') as Application;
const shown = { cert: readFileSync(chain), key: readFileSync(key) };
const page = 'hello from the application '.repeat(7);

const answer: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': page.length }).end(page);
};

function server() {
  if (!locked) {
    // The same as the lock sets, so that only the middleware is in the difference.
    const secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;
    const asks = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(bundle) };
    return createServer({ ...shown, ...asks, minVersion: 'TLSv1.2', secureOptions }, answer);
  }
  const lock = requireOriginPull({ hostnames: [name], bundle });
  return createServer(originPullServerOptions(lock, shown), lock.node(answer));
}

server().listen(port, '127.0.0.1');
