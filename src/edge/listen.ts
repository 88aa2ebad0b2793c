import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { hostname } from '../domain/ids.ts';
import { requestIds } from '../http1/request-ids.ts';
import type { UnreadCode } from '../http1/unread-request.ts';
import type { ServerLimits } from '../http1/server-limits.ts';
import { departures } from '../inbound/departures.ts';
import { arrivals, ends } from './arrivals.ts';
import type { HandshakeOutcome } from './meters.ts';
import type { Peers } from './peers.ts';
import type { Visitor } from './visitor.ts';
import { shownBy } from './shown-certificate.ts';
import { VisitorConnection } from './visitor-connection.ts';
import type { VisitorContexts } from './visitor-contexts.ts';
import { VisitorSession } from './visitor-session.ts';
import { visitorTls } from './visitor-tls.ts';
import type { CutReason, OpenConnection, VisitorWorld } from './visitor-world.ts';

/** What the listeners need. */
export interface ListenWorld {
  readonly contexts: VisitorContexts;
  readonly handle: (visitor: Visitor) => void;
  readonly refused: (code: UnreadCode, address: string, id: string) => void;
  /** Told how each TLS handshake ended. */
  readonly handshake: (ended: HandshakeOutcome) => void;
  readonly cut: (because: CutReason, address: string) => void;
  readonly fault: (error: unknown, id: string) => void;
  readonly limits: ServerLimits;
  readonly peers: Peers;
  readonly clock: () => number;
}

/** A listener for visitors, over TLS or not. */
export interface Listener {
  readonly server: Server;
  /** Visitors' connections that are open now. */
  readonly connections: () => number;
  /** Takes a connection that somebody else accepted. */
  readonly accept: (socket: Socket) => void;
  readonly setTicketKey: (key: Buffer) => void;
  /**
   * Stops listening, lets requests under way finish, and cuts what is left at the deadline. With `patience`, idle visitors
   * may for so many milliseconds ask once more, and are told then that the connection ends.
   */
  readonly drain: (deadline: number, patience?: number) => Promise<void>;
}

const TICK_EVERY = 1_000;
const MAX_CONNECTIONS = 50_000;

/** The listener for https. Not yet bound: call `server.listen`, or hand it connections with `accept`. */
export function httpsListener(world: ListenWorld): Listener {
  return listener(world, (accept, addressOf) => {
    const tls = visitorTls(
      {
        ALPNProtocols: ['h2', 'http/1.1'],
        allowHalfOpen: true,
        // Node calls it as a method of the socket, whose handshake knows by now what the visitor understands.
        SNICallback(this: TLSSocket, serverName, done) {
          const context = world.contexts.find(serverName, {
            signatures: this.getSharedSigalgs(),
            protocol: this.getProtocol(),
            address: addressOf(this),
          });
          if (context === null) done(new UnknownName());
          else done(null, context);
        },
      },
      {
        asks: world.contexts.asks,
        secured: (socket, asked) => {
          const comes = mayCome(socket, addressOf(socket), world.contexts);
          world.handshake(comes ? (socket.isSessionReused() ? 'resumed' : 'full') : 'unknown_name');
          const shown = asked ? shownBy(socket) : null;
          if (comes) accept(socket, 'https', { serverName: named(socket), tls: socket.getProtocol(), shown });
          else socket.destroy();
        },
        // Scanners fail handshakes all day: nothing to log, nothing to keep.
        failed: (error, socket) => {
          world.handshake(failedHandshake(error));
          socket?.destroy();
        },
      },
    );
    return { arrived: tls.accept, setTicketKey: tls.setTicketKey };
  });
}

/** The listener for http. Not yet bound: call `server.listen`, or hand it connections with `accept`. */
export function httpListener(world: ListenWorld): Listener {
  return listener(world, (accept) => ({
    arrived: (socket) => accept(socket, 'http', { serverName: null, tls: null, shown: null }),
    setTicketKey: () => undefined,
  }));
}

// A resumption needs no certificate, so nobody has looked yet whether there is one for the name that it gives. That name
// may be another than the one of the first handshake (RFC 8446 §4.6.1): all that counts is taken from the new one.
function mayCome(socket: TLSSocket, address: string, contexts: VisitorContexts): boolean {
  if (!socket.isSessionReused()) return true;
  const visitor = { signatures: [], protocol: socket.getProtocol(), address };
  return contexts.find(named(socket), visitor) !== null;
}

// A handshake without a server name ends before this; an empty text stands for "none", which equals no Host.
function named(socket: TLSSocket): string {
  return hostname(socket.servername || '') ?? '';
}

class UnknownName extends Error {
  constructor() {
    super('no certificate for this visitor');
  }
}

function failedHandshake(error: NodeJS.ErrnoException): HandshakeOutcome {
  if (error instanceof UnknownName) return 'unknown_name';
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'timeout';
  return error.code === 'ECONNRESET' ? 'left' : 'protocol';
}

type Accept = (socket: Socket, scheme: 'http' | 'https', tls: Handshake) => void;

type Handshake = Pick<VisitorWorld, 'serverName' | 'tls' | 'shown'>;

/** What a listener does with a connection from its first byte on. */
interface Subscriber extends Pick<Listener, 'setTicketKey'> {
  readonly arrived: (socket: Socket) => void;
}

type Subscribe = (accept: Accept, addressOf: (socket: Socket) => string) => Subscriber;

function listener(world: ListenWorld, subscribe: Subscribe): Listener {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const open = new Set<OpenConnection>();
  const { left, quiet } = departures(() => open.size === 0 && shaking.size() === 0);
  const shaking = handshakes(server, left);
  const nextId = requestIds();
  let phase: 'open' | 'leaving' | 'draining' = 'open';
  server.maxConnections = MAX_CONNECTIONS;
  const accept: Accept = (socket, scheme, tls) => {
    const carrier = shaking.over(socket);
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const address = arriving.address(socket);
    const trusts = world.peers.trusts(address) ? world.peers.trusts : null;
    const connection = openConnection(socket, { ...world, ...tls, scheme, address, carrier, trusts, nextId });
    open.add(connection);
    socket.on('close', () => {
      open.delete(connection);
      left();
    });
    if (phase === 'leaving') connection.leave();
    if (phase === 'draining') connection.drain();
  };
  const { arrived, setTicketKey } = subscribe(accept, (socket) => arriving.address(socket));
  const arriving = arrivals({
    peers: world.peers,
    within: world.limits.headTimeout,
    arrived,
    refused: (address) => world.cut('proxy_header', address),
  });
  server.on('connection', arriving.take);
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
    accept: (socket) => {
      socket.allowHalfOpen = true;
      server.emit('connection', socket);
    },
    setTicketKey,
    drain: async (deadline, patience = 0) => {
      server.close();
      if (patience > 0) {
        phase = 'leaving';
        for (const connection of open) connection.leave();
        await quiet(patience);
      }
      phase = 'draining';
      // Who has not said anything yet loses nothing by trying again elsewhere.
      shaking.end();
      for (const connection of open) connection.drain();
      await quiet(deadline);
      for (const connection of open) connection.destroy();
      await quiet(CUT_WITHIN);
      clearInterval(timer);
    },
  };
}

function openConnection(socket: Socket, world: VisitorWorld): OpenConnection {
  if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') return new VisitorSession(socket, world);
  return new VisitorConnection(socket, world);
}

const CUT_WITHIN = 1_000;

/** The connections that are still in their TLS handshake: known by their ends, which both of Node's sockets show. */
function handshakes(server: Server, left: () => void) {
  const sockets = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const key = ends(socket);
    sockets.set(key, socket);
    socket.on('close', () => {
      if (sockets.get(key) === socket) sockets.delete(key);
      left();
    });
  });
  return {
    size: () => sockets.size,
    /** Answers the connection below the one that came of it. */
    over: (socket: Socket): Socket => {
      const key = ends(socket);
      const carrier = sockets.get(key) ?? socket;
      sockets.delete(key);
      // What is not written through TLS fails here.
      if (carrier !== socket) carrier.on('error', () => carrier.destroy());
      return carrier;
    },
    end: (): void => {
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}
