import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import {
  type Frameworks,
  type NodeRequest,
  type OriginLock,
  type OriginPull,
  originPullOf,
  trustForwarded,
  type Visitor,
} from '../../src/origin/middleware.ts';

/** What an application behind a lock saw of a request. */
interface SeenRequest {
  /** As the framework hands it on, and as the function gives it: they must agree. */
  readonly pull: OriginPull | null;
  readonly known: OriginPull | null;
  readonly visitor: Visitor;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly target: string;
}

export interface RunningApplication extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  readonly server: Server;
}

/** Where an application listens: TLS with these options, or plain on a port or a socket file. */
export interface Listening {
  readonly tls?: TlsOptions;
  readonly http2?: boolean;
  readonly socketFile?: string;
  /** A further gate behind the lock. */
  readonly behind?: Frameworks;
}

/** What people write applications with: each is put behind the same locks. */
export const FRAMEWORKS = ['node', 'express', 'express4', 'fastify', 'koa', 'hono'] as const;

export type Framework = (typeof FRAMEWORKS)[number];

/** Express has nothing for HTTP/2, whatever its version. */
export function speaksHttp2(framework: Framework): boolean {
  return framework !== 'express' && framework !== 'express4';
}

type Made = { readonly server: Server; readonly ready?: () => PromiseLike<unknown> };
type Maker = (lock: OriginLock, listening: Listening, seen: SeenRequest[]) => Made;

const MAKERS: Readonly<Record<Framework, Maker>> = {
  node: (lock, listening, seen) => {
    const answer = (request: IncomingMessage & { originPull?: OriginPull }, response: ServerResponse) => {
      response.end(JSON.stringify(note(seen, request, request.originPull ?? null)));
    };
    const listener = lock.node(listening.behind?.node(answer) ?? answer);
    const server = serverFor(listening, listener);
    server.on(
      'upgrade',
      lock.upgrade((request, socket: Socket) => {
        note(seen, request, originPullOf(request));
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      }),
    );
    return { server };
  },
  express: withExpress(express),
  express4: withExpress(express4),
  fastify: (lock, { tls, http2, behind }, seen) => {
    const options =
      tls === undefined
        ? {}
        : http2 === true
          ? { http2: true as const, https: { ...tls, allowHTTP1: true } }
          : { https: tls };
    const app = Fastify(options as { https: TlsOptions });
    void app.register(lock.fastify);
    if (behind !== undefined) void app.register(behind.fastify);
    app.all('/*', (request, reply) =>
      reply.send(note(seen, request.raw, (request as { originPull?: OriginPull }).originPull ?? null)),
    );
    return { server: app.server, ready: () => app.ready().then(() => undefined) };
  },
  koa: (lock, listening, seen) => {
    const app = new Koa();
    app.use(lock.koa);
    if (listening.behind !== undefined) app.use(listening.behind.koa);
    app.use((context) => {
      context.body = note(seen, context.req, context.state['originPull'] ?? null);
    });
    return { server: serverFor(listening, app.callback()) };
  },
  hono: (lock, { tls, http2, behind }, seen) => {
    const app = new Hono<{ Bindings: HttpBindings; Variables: { originPull: OriginPull } }>();
    app.use('*', lock.hono);
    if (behind !== undefined) app.use('*', behind.hono);
    app.all('*', (context) => {
      const fields = [...context.req.raw.headers];
      return context.json(note(seen, context.env.incoming, context.get('originPull'), fields));
    });
    const kind =
      tls === undefined
        ? { createServer: createHttp }
        : http2 === true
          ? { createServer: createSecureServer, serverOptions: { ...tls, allowHTTP1: true } }
          : { createServer: createHttps, serverOptions: tls };
    return {
      server: createAdaptorServer({ fetch: app.fetch, ...kind } as Parameters<typeof createAdaptorServer>[0]) as Server,
    };
  },
};

function withExpress(made: typeof express): Maker {
  return (lock, listening, seen) => {
    const app = made();
    app.use(lock.express);
    if (listening.behind !== undefined) app.use(listening.behind.express);
    app.use('/below', (request, response) => {
      response.json(note(seen, request, request.originPull ?? null));
    });
    app.use((request, response) => {
      response.json(note(seen, request, request.originPull ?? null));
    });
    return { server: serverFor(listening, app) };
  };
}

/** Starts the application of a framework behind a lock. Express speaks no HTTP/2. */
export async function startApplication(
  framework: Framework,
  lock: OriginLock,
  listening: Listening = {},
): Promise<RunningApplication> {
  const seen: SeenRequest[] = [];
  const { server, ready } = MAKERS[framework](lock, listening, seen);
  await ready?.();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (listening.socketFile === undefined) server.listen(0, '127.0.0.1');
  else server.listen(listening.socketFile);
  await once(server, 'listening');
  server.unref();
  const address = server.address();
  return {
    server,
    seen,
    port: typeof address === 'string' ? 0 : ((address as AddressInfo | null)?.port ?? 0),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      lock.close();
    },
  };
}

type Listener = (
  request: IncomingMessage & Http2ServerRequest,
  response: ServerResponse & Http2ServerResponse,
) => unknown;

function serverFor({ tls, http2 }: Listening, listener: (request: never, response: never) => unknown): Server {
  const handle = listener as Listener as (...with_: unknown[]) => void;
  if (tls === undefined) return createHttp(handle);
  return http2 === true ? createSecureServer({ ...tls, allowHTTP1: true }, handle) : createHttps(tls, handle);
}

function note(
  seen: SeenRequest[],
  request: NodeRequest,
  pull: OriginPull | null,
  read?: readonly (readonly [string, string])[],
): SeenRequest {
  const { rawHeaders } = request;
  const raw = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
  const listed = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  const entry = {
    pull,
    known: originPullOf(request),
    visitor: trustForwarded(request),
    fields: [...raw, ...listed, ...(read ?? [])],
    target: request.url ?? '',
  };
  seen.push(entry);
  return entry;
}
