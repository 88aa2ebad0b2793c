/** One verdict for each request, in the shape that each framework calls. Their types are described, not imported. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NodeRequest } from './asked-host.ts';
import type { Verdict } from './lock-options.ts';
import { refusal } from './lock-refusals.ts';
import type { OriginPull } from './origin-pull.ts';

type NodeResponse = ServerResponse | Http2ServerResponse;

/** Whether a request may reach the application. */
export type Gate = (request: NodeRequest) => Verdict;

interface FastifyReplyLike {
  code(status: number): FastifyReplyLike;
  headers(values: Record<string, string>): FastifyReplyLike;
  send(body: string): unknown;
}

interface FastifyLike {
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, value: null): unknown;
  addHook(
    name: 'onRequest',
    hook: (request: { readonly raw: NodeRequest }, reply: FastifyReplyLike, done: () => void) => void,
  ): unknown;
}

interface KoaLike {
  readonly req: NodeRequest;
  /** What everybody may put there. */
  state: object;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
}

interface HonoLike {
  readonly env: unknown;
  set(name: string, value: unknown): void;
}

/** A gate in the shape of each framework. */
export interface Frameworks {
  /** `createServer(tls, gate.node((request, response) => …))`, HTTP/2 too; `request.originPull`. */
  node<Request extends NodeRequest, Response extends NodeResponse>(
    listener: (request: Request, response: Response) => unknown,
  ): (request: Request, response: Response) => void;
  /** `server.on('upgrade', gate.upgrade((request, socket, head) => …))`: upgrades pass by all other handlers. */
  upgrade<Socket extends Duplex>(
    listener: (request: IncomingMessage, socket: Socket, head: Buffer) => unknown,
  ): (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** `app.use(gate.express)`; `request.originPull`. */
  readonly express: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** `app.register(gate.fastify)`; `request.originPull`. */
  readonly fastify: (app: FastifyLike, options: unknown, done: () => void) => void;
  /** `app.use(gate.koa)`; `ctx.state.originPull`. */
  readonly koa: (context: KoaLike, next: () => Promise<unknown>) => Promise<void>;
  /** `app.use('*', gate.hono)` under `@hono/node-server`; `c.get('originPull')`. */
  readonly hono: (context: HonoLike, next: () => Promise<void>) => Promise<Response | undefined>;
}

/** The gate for all frameworks. */
export function frameworks(gate: Gate): Frameworks {
  return {
    node: (listener) => (request, response) => {
      if (passes(gate, request, response)) listener(request, response);
    },
    upgrade: (listener) => (request, socket, head) => {
      const verdict = gate(request);
      if (verdict.kind === 'refuse') return hangUp(socket, verdict);
      tell(request, verdict.pull);
      listener(request, socket, head);
    },
    express: (request, response, next) => {
      if (passes(gate, request, response)) next();
    },
    fastify: fastifyPlugin(gate),
    koa: async (context, next) => {
      const verdict = gate(context.req);
      if (verdict.kind === 'pass') {
        Object.assign(context.state, { originPull: verdict.pull });
        tell(context.req, verdict.pull);
        await next();
        return;
      }
      const { status, headers, body } = answer(verdict, context.req);
      context.status = status;
      for (const [name, value] of Object.entries(headers)) context.set(name, value);
      context.body = body;
    },
    hono: async (context, next) => {
      const request = incomingOf(context.env);
      const verdict: Verdict = request === null ? { kind: 'refuse', because: 'not_tls' } : gate(request);
      if (verdict.kind === 'refuse' || request === null) return honoAnswer(verdict, request);
      context.set('originPull', verdict.pull);
      tell(request, verdict.pull);
      await next();
      return undefined;
    },
  };
}

function fastifyPlugin(gate: Gate): Frameworks['fastify'] {
  const plugin: Frameworks['fastify'] = (app, _options, done) => {
    if (!app.hasRequestDecorator('originPull')) app.decorateRequest('originPull', null);
    app.addHook('onRequest', (request, reply, proceed) => {
      const verdict = gate(request.raw);
      if (verdict.kind === 'pass') {
        Object.assign(request, { originPull: verdict.pull });
        tell(request.raw, verdict.pull);
        proceed();
        return;
      }
      const { status, headers, body } = answer(verdict, request.raw);
      reply.code(status).headers(headers).send(body);
    });
    done();
  };
  // Without it Fastify would shut the hook up in the plugin, and the routes beside it would stay open.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}

function passes(gate: Gate, request: NodeRequest, response: NodeResponse): boolean {
  const verdict = gate(request);
  if (verdict.kind === 'pass') {
    tell(request, verdict.pull);
    return true;
  }
  const { status, headers, body } = answer(verdict, request);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(body);
  return false;
}

/** What the application sees on the request. Not to be written over by what parses bodies or queries. */
function tell(request: NodeRequest, pull: OriginPull): void {
  Object.defineProperty(request, 'originPull', { value: pull, enumerable: true, configurable: true });
}

type Refused = Extract<Verdict, { kind: 'refuse' }>;

/** Who is refused learns the status only: the reason is for the log. */
function answer({ because }: Refused, request: NodeRequest) {
  const { status } = refusal(because);
  // HTTP/2 has no such field (RFC 9113 §8.2.2), and many streams on the connection.
  const close: Record<string, string> = request.httpVersionMajor === 1 ? { Connection: 'close' } : {};
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...close },
    body: `${status} ${STATUS_CODES[status] ?? ''}\n`,
  };
}

function honoAnswer(verdict: Verdict, request: NodeRequest | null): Response {
  if (verdict.kind === 'pass' || request === null) return new Response('403 Forbidden\n', { status: 403 });
  const { status, headers, body } = answer(verdict, request);
  return new Response(body, { status, headers });
}

function hangUp(socket: Duplex, { because }: Refused): void {
  const { status } = refusal(because);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Node's request under `@hono/node-server`; elsewhere there is none, and nobody to judge. */
function incomingOf(env: unknown): NodeRequest | null {
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return null;
  const { incoming } = env;
  return typeof incoming === 'object' && incoming !== null && 'rawHeaders' in incoming
    ? (incoming as NodeRequest)
    : null;
}
