import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { Credential } from './certificate.ts';

/** How long a caller may take, and how much it may send before it is listened to. */
const LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
  maxHeaderSize: 16 * 1024,
  /** How late a time-out may be noticed. */
  connectionsCheckingInterval: 5_000,
};
const HANDSHAKE_TIMEOUT = 10_000;
const MAX_CONNECTIONS = 10_000;
/** How long a server that ends waits for callers: from then on Node times out nobody, not even who never sent a byte. */
const FAREWELL = 3_000;

/** What makes the servers of one listener, over TLS where there is a credential. */
export interface Servers {
  readonly tls: boolean;
  /** Fastify's `serverFactory`: called once for each address that a name stands for. */
  readonly create: (handler: RequestListener) => Server;
  /** What is shown from the next handshake on. Connections that are there stay. */
  readonly show: (credential: Credential) => void;
  /** Says that they end: whoever has not finished soon is cut off. */
  readonly end: () => void;
}

/** Servers over TLS, or for `null` without. */
export function listenerServers(credential: Credential | null): Servers {
  const all: Server[] = [];
  const secure: HttpsServer[] = [];
  const kept = (server: Server): Server => {
    all.push(server);
    server.maxConnections = MAX_CONNECTIONS;
    return server;
  };
  let context = credential === null ? null : contextOf(credential);
  return {
    tls: credential !== null,
    create: (handler) => {
      if (context === null) return kept(createHttpServer(LIMITS, handler));
      const server = createHttpsServer({ ...LIMITS, ...context, handshakeTimeout: HANDSHAKE_TIMEOUT }, handler);
      secure.push(server);
      return kept(server);
    },
    show: (next) => {
      context = contextOf(next);
      for (const server of secure) server.setSecureContext(context);
    },
    end: () => {
      const cutOff = () => {
        for (const server of all) server.closeAllConnections();
      };
      setTimeout(cutOff, FAREWELL).unref();
    },
  };
}

function contextOf({ chain, key }: Credential): SecureContextOptions {
  return { cert: chain, key: key.reveal(), minVersion: 'TLSv1.2' };
}
