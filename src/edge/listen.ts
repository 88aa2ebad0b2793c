import { constants, randomBytes } from 'node:crypto';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { hostname } from '../domain/ids.ts';
import { plainAddress } from '../pull/address-policy.ts';
import type { HandshakeOutcome } from './meters.ts';
import type { Visitor } from './responder.ts';
import { VisitorConnection } from './visitor-connection.ts';
import type { VisitorContexts } from './visitor-contexts.ts';
import type { UnreadCode, VisitorLimits, VisitorWorld } from './visitor-world.ts';

/** What the listeners need. */
export interface ListenWorld {
  readonly contexts: VisitorContexts;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: UnreadCode, address: string, id: string) => void;
  /** Told how each TLS handshake ended. */
  readonly handshake: (ended: HandshakeOutcome) => void;
  readonly fault: (error: unknown, id: string) => void;
  readonly limits: VisitorLimits;
  readonly clock: () => number;
}

/** A listener for visitors, over TLS or not. */
export interface Listener {
  readonly server: Server;
  /** Visitors' connections that are open now. */
  readonly connections: () => number;
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
    // Node calls it as a method of the socket, whose handshake knows by now what the visitor understands.
    SNICallback(this: TLSSocket, serverName, done) {
      const context = world.contexts.find(serverName, this.getSharedSigalgs());
      if (context === null) done(new UnknownName());
      else done(null, context);
    },
  });
  return listener(server, world, (accept) => {
    server.on('secureConnection', (socket) => {
      world.handshake('ok');
      accept(socket, 'https', { serverName: named(socket), tls: socket.getProtocol() });
    });
    // Scanners fail handshakes all day: nothing to log, nothing to keep.
    server.on('tlsClientError', (error, socket) => {
      world.handshake(failedHandshake(error));
      socket.destroy();
    });
  });
}

/** The listener for http. Not yet bound: call `server.listen`. */
export function httpListener(world: ListenWorld): Listener {
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true });
  return listener(server, world, (accept) => {
    server.on('connection', (socket) => accept(socket, 'http', { serverName: null, tls: null }));
  });
}

// A handshake without a server name ends before this; an empty text stands for "none", which equals no Host.
function named(socket: TLSSocket): string {
  return hostname(socket.servername || '') ?? '';
}

class UnknownName extends Error {
  constructor() {
    super('no certificate for this name');
  }
}

function failedHandshake(error: NodeJS.ErrnoException): HandshakeOutcome {
  if (error instanceof UnknownName) return 'unknown_name';
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'timeout';
  return error.code === 'ECONNRESET' ? 'left' : 'protocol';
}

type Accept = (socket: Socket, scheme: 'http' | 'https', tls: Pick<VisitorWorld, 'serverName' | 'tls'>) => void;

function listener(server: Server, world: ListenWorld, subscribe: (accept: Accept) => void): Listener {
  const open = new Set<VisitorConnection>();
  const shaking = handshakes(server);
  const nextId = requestIds();
  let draining = false;
  server.maxConnections = MAX_CONNECTIONS;
  subscribe((socket, scheme, tls) => {
    shaking.over(socket);
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const address = plainAddress(socket.remoteAddress);
    const connection = new VisitorConnection(socket, { ...world, ...tls, scheme, address, nextId });
    open.add(connection);
    socket.on('close', () => open.delete(connection));
    if (draining) connection.drain();
  });
  const timer = setInterval(
    () => {
      const now = world.clock();
      for (const connection of open) connection.tick(now);
    },
    Math.min(TICK_EVERY, world.limits.headTimeout),
  );
  timer.unref();
  return {
    server,
    connections: () => open.size,
    drain: async (deadline) => {
      draining = true;
      // Who has not said anything yet loses nothing by trying again elsewhere.
      shaking.end();
      for (const connection of open) connection.drain();
      await closed(server, open, deadline);
      clearInterval(timer);
    },
  };
}

function closed(server: Server, open: ReadonlySet<VisitorConnection>, deadline: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const connection of open) connection.destroy();
    }, deadline);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

/** The connections that are still in their TLS handshake: known by their far end, which both of Node's sockets show. */
function handshakes(server: Server) {
  const sockets = new Map<string, Socket>();
  const end = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}|${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const key = end(socket);
    sockets.set(key, socket);
    socket.on('close', () => {
      if (sockets.get(key) === socket) sockets.delete(key);
    });
  });
  return {
    over: (socket: Socket): void => {
      sockets.delete(end(socket));
    },
    end: (): void => {
      for (const socket of sockets.values()) socket.destroy();
    },
  };
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
