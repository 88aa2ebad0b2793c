import { constants, randomBytes } from 'node:crypto';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { hostname } from '../domain/ids.ts';
import type { RefusalCode } from '../http1/refusals.ts';
import type { Visitor } from './responder.ts';
import { VisitorConnection, type VisitorLimits } from './visitor-connection.ts';
import type { VisitorContexts } from './visitor-contexts.ts';

/** What the listeners need. */
export interface ListenWorld {
  readonly contexts: VisitorContexts;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: RefusalCode, address: string, id: string) => void;
  readonly fault: (error: unknown, id: string) => void;
  readonly limits: VisitorLimits;
  readonly clock: () => number;
}

/** A listener for visitors, over TLS or not. */
export interface Listener {
  readonly server: Server;
  /** Stops listening, lets requests under way finish, and cuts what is left at the deadline. */
  readonly drain: (deadline: number) => Promise<void>;
}

const TICK_EVERY = 1_000;
const MAX_CONNECTIONS = 50_000;
const HANDSHAKE_TIMEOUT = 10_000;

/** The listener for https. Not yet bound: call `server.listen`. */
export function httpsListener(world: ListenWorld): Listener {
  const server = createTlsServer({
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    allowHalfOpen: true,
    noDelay: true,
    // A resumed TLS 1.2 session shows no server name, and what cannot be compared with Host cannot be trusted.
    secureOptions: constants.SSL_OP_NO_TICKET,
    SNICallback: (serverName, done) => {
      const context = world.contexts.find(serverName);
      if (context === null) done(new Error('no certificate for this name'));
      else done(null, context);
    },
  });
  return listener(server, world, (accept) => {
    server.on('secureConnection', (socket) => accept(socket, 'https', named(socket)));
    // Scanners fail handshakes all day: nothing to log, nothing to keep.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
  });
}

/** The listener for http. Not yet bound: call `server.listen`. */
export function httpListener(world: ListenWorld): Listener {
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true });
  return listener(server, world, (accept) => {
    server.on('connection', (socket) => accept(socket, 'http', null));
  });
}

// A handshake without a server name ends before this; an empty text stands for "none", which equals no Host.
function named(socket: TLSSocket): string {
  return hostname(socket.servername || '') ?? '';
}

type Accept = (socket: Socket, scheme: 'http' | 'https', serverName: string | null) => void;

function listener(server: Server, world: ListenWorld, subscribe: (accept: Accept) => void): Listener {
  const open = new Set<VisitorConnection>();
  const nextId = requestIds();
  server.maxConnections = MAX_CONNECTIONS;
  subscribe((socket, scheme, serverName) => {
    const address = plainAddress(socket.remoteAddress);
    if (address === null) {
      socket.destroy();
      return;
    }
    const connection = new VisitorConnection(socket, { ...world, scheme, serverName, address, nextId });
    open.add(connection);
    socket.on('close', () => open.delete(connection));
  });
  const timer = setInterval(
    () => {
      const now = world.clock();
      for (const connection of open) connection.tick(now);
    },
    Math.min(TICK_EVERY, world.limits.headTimeout),
  );
  timer.unref();
  return { server, drain: (deadline) => drain(server, open, timer, deadline) };
}

async function drain(
  server: Server,
  open: ReadonlySet<VisitorConnection>,
  timer: NodeJS.Timeout,
  deadline: number,
): Promise<void> {
  for (const connection of open) connection.drain();
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => {
      for (const connection of open) connection.destroy();
    }, deadline);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
  clearInterval(timer);
}

// On a dual-stack listener IPv4 peers appear as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

// 8 random digits for the process and 8 that count: unique in practice, and cheap.
function requestIds(): () => string {
  const prefix = randomBytes(4).toString('hex');
  let count = randomBytes(3).readUIntBE(0, 3);
  return () => {
    count = (count + 1) % 0x1_0000_0000;
    return prefix + count.toString(16).padStart(8, '0');
  };
}
