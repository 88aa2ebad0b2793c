import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';

/** A real web server, locked for one zone. */
export interface DemoOrigin {
  readonly port: number;
  readonly software: string;
  /** What locks it. */
  readonly lock: string;
  readonly close: () => Promise<void>;
}

/** The origin's own certificate, from a private CA. */
export interface DemoCertificate {
  readonly ca: string;
  readonly chain: string;
  readonly key: string;
}

/** The name that the origin serves. */
export const DEMO_HOST = 'www.shop.test';
/** The request header by which the application learns what was verified. */
export const DEMO_HEADER = 'X-Postern-Verified';

/** What the application behind the lock does: it shows which header reached it. */
export function application(request: IncomingMessage, response: ServerResponse): void {
  const verified = request.headers[DEMO_HEADER.toLowerCase()] ?? null;
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify({ hello: 'from the origin', verified })}\n`);
}

/** Listens on a free port of loopback. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The same application as it is found before it is locked: whoever knows the address is let in. */
export async function startOpenOrigin({ chain, key }: DemoCertificate): Promise<Pick<DemoOrigin, 'port' | 'close'>> {
  const server = createServer({ cert: chain, key }, application);
  const port = await listen(server);
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
