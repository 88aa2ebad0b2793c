import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EXPOSITION_TYPE, exposition } from '../../wire/exposition.ts';
import type { Snapshot } from '../../wire/metrics.ts';

/** What a guard says of itself. */
export interface Health {
  readonly draining: boolean;
  readonly sites: readonly SiteHealth[];
}

/** One site. */
export interface SiteHealth {
  readonly site: string;
  /** Somebody can come in: its CAs and its own certificate count now. */
  readonly serves: boolean;
  readonly mode: 'enforce' | 'watch' | 'open';
  /** The newest files are not in force. */
  readonly stale: boolean;
}

interface HealthWorld {
  readonly health: () => Health;
  readonly figures: () => Snapshot;
}

const MAX_CONNECTIONS = 50;

/** `/health` and `/metrics` for this machine. Not yet bound. */
export function healthServer({ health, figures }: HealthWorld): Server {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const { method, url } = request;
    if (!isMeant(request.headers.host ?? '')) return answer(response, 421, 'text/plain', 'not this host\n');
    if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, 'text/plain', 'GET only\n');
    if (url === '/metrics') return answer(response, 200, EXPOSITION_TYPE, exposition(figures()));
    if (url !== '/health') return answer(response, 404, 'text/plain', 'there are /health and /metrics\n');
    const said = health();
    const good = !said.draining && said.sites.every(({ serves }) => serves);
    const body = { status: said.draining ? 'draining' : good ? 'ok' : 'failing', sites: said.sites };
    return answer(response, good ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
  });
  return server;
}

// A page in a browser on this machine may not read it through a name of its own.
function isMeant(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
