import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Instant } from '../domain/ids.ts';
import { type Problem, type ProblemCode, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import { failure, statusOf, success } from '../wire/envelope.ts';
import { namesTag } from './api/entity-tag.ts';
import { type Figures, merge, NO_FIGURES, seriesKey } from '../wire/metrics.ts';
import { FailedSignIns } from './api/failed-sign-ins.ts';
import { hostAllowed, isLoopback } from './api/host-check.ts';
import { acceptJson, BadBody } from './api/json-body.ts';
import { type Allowance, type RateLimitOptions, RateLimits } from './api/rate-limits.ts';
import type { Answer, Ground, Route, Settings } from './api/route.ts';
import { missingMethods, ROUTES } from './api/table.ts';
import { authenticate, type Credential, readCredential } from './authenticate.ts';
import { EventStreams } from './event-streams.ts';
import { errorFields, type Log } from './log.ts';
import type { ControlPlane, StoredToken } from './plane.ts';

export interface ApiServerOptions {
  readonly plane: ControlPlane;
  readonly clock: () => Instant;
  readonly log: Log;
  readonly version?: string;
  /** Names beside localhost that callers over loopback may use in Host (`--api-host`). */
  readonly hosts?: readonly string[];
  /** Networks that the edge pulls from, for `GET /ips`. */
  readonly edgeNetworks?: Settings['edgeNetworks'];
  /** Whether e-mail and key are taken as a credential (`--legacy-key`); they are not unless this says so. */
  readonly legacyKeys?: boolean;
  /** What the edges count, for `/metrics` and the list of edges. */
  readonly figures?: () => Promise<Figures>;
  /** How much a token and an address may ask for; Cloudflare's limits where left out, `null` for no limit. */
  readonly rateLimits?: Partial<RateLimitOptions>;
}

const BODY_LIMIT = 1024 * 1024;
/** A hostname in a path; the router's own limit is shorter than RFC 1035's. */
const MAX_PARAMETER = 300;
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
/** How late a time-out may be noticed. */
const TIMEOUT_CHECKS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** For every answer: the API is no web page, is in no frame, and is cached by nobody unless a route says otherwise. */
const SECURITY_FIELDS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The API, not listening yet. `inject` asks it without a socket; `close` ends it and leaves the control plane open. */
export function createApiServer(options: ApiServerOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT,
    http: {
      headersTimeout: HEADERS_TIMEOUT,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: TIMEOUT_CHECKS,
    },
    routerOptions: { maxParamLength: MAX_PARAMETER, ignoreTrailingSlash: true },
    frameworkErrors: (_error, _request, reply) => void refuse(reply, [problem('no_route')]),
    clientErrorHandler: (error, socket) => refuseBytes(error.code, socket),
  });
  const serving: Serving = {
    ...options,
    failures: new FailedSignIns(),
    limits: new RateLimits(options.rateLimits),
    streams: new EventStreams(),
    calls: new Map(),
  };
  acceptJson(app);
  addHooks(app, serving);
  addRoutes(app, serving);
  app.setNotFoundHandler((_request, reply) => refuse(reply, [problem('no_route')]));
  app.setErrorHandler((error, request, reply) => refuse(reply, [thrown(error, request, options.log)]));
  return app;
}

/** What one server keeps between calls. */
interface Serving extends ApiServerOptions {
  readonly failures: FailedSignIns;
  readonly limits: RateLimits;
  readonly streams: EventStreams;
  /** How many calls were answered, by the class of their status. */
  readonly calls: Map<string, number>;
}

function addHooks(app: FastifyInstance, serving: Serving): void {
  const { hosts = [], log, streams, calls } = serving;
  const names = hosts.map((host) => host.toLowerCase().replace(/\.$/, ''));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_FIELDS, 'x-request-id': request.id });
    if (!hostAllowed(request.headers.host, request.socket.localAddress, names)) {
      return refuse(reply, [problem('bad_host')]);
    }
    return limit(request, reply, serving);
  });
  // Streams would keep the server from closing.
  app.addHook('preClose', async () => streams.close());
  app.addHook('onResponse', async (request, reply) => {
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    calls.set(status, (calls.get(status) ?? 0) + 1);
    log('api_request', {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      from: request.socket.remoteAddress ?? null,
    });
  });
}

function addRoutes(app: FastifyInstance, serving: Serving): void {
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      // Before the body is read: who has no token sends nothing.
      onRequest: async (request, reply) => {
        const token = route.permission === null || openHere(route, request) ? null : signedIn(request, serving);
        if (isProblem(token)) {
          if (token.code === 'too_many_failures') reply.header('retry-after', '1');
          return refuse(reply, [token]);
        }
        callers.set(request, token);
        return undefined;
      },
      handler: (request, reply) => serve(route, request, reply, serving),
    });
  }
  for (const [path, { has, lacks }] of missingMethods(ROUTES)) {
    app.route({
      method: lacks,
      url: path,
      handler: (_request, reply) =>
        refuse(reply.header('allow', has.join(', ')), [problem('method_not_allowed', `allowed are ${has.join(', ')}`)]),
    });
  }
}

// What a proxy on this machine passes on comes from elsewhere; who sends a credential wants it judged.
const FROM_ELSEWHERE = ['x-forwarded-for', 'forwarded', 'via', 'authorization', 'x-auth-key'] as const;

function openHere(route: Route, request: FastifyRequest): boolean {
  const from = request.socket.remoteAddress;
  if (route.openHere !== true || from === undefined || !isLoopback(from)) return false;
  return FROM_ELSEWHERE.every((name) => request.headers[name] === undefined);
}

const callers = new WeakMap<FastifyRequest, StoredToken | null>();

/** Who calls, or why nobody: found out once for each request. */
interface SignIn {
  readonly credential: Credential;
  readonly token: StoredToken | Problem;
}

const signIns = new WeakMap<FastifyRequest, SignIn>();

function signIn(request: FastifyRequest, { plane, clock, legacyKeys }: Serving): SignIn {
  const credential = readCredential((name) => headerOf(request, name), legacyKeys);
  const from = request.socket.remoteAddress ?? '';
  const known = { credential, token: authenticate(credential, plane.tokenByHash, { now: clock(), from }) };
  signIns.set(request, known);
  return known;
}

function signedIn(request: FastifyRequest, serving: Serving): StoredToken | Problem {
  const { credential, token } = signIns.get(request) ?? signIn(request, serving);
  if (!isProblem(token) || token.code !== 'unauthenticated' || !('hash' in credential)) return token;
  const from = request.socket.remoteAddress ?? '';
  if (serving.failures.exceeded(from, serving.clock())) return problem('too_many_failures');
  serving.log('api_sign_in_failed', { request: request.id, from });
  return token;
}

/** Counts the request for its token and its address, and says in its answer what is left. */
function limit(request: FastifyRequest, reply: FastifyReply, serving: Serving): FastifyReply | undefined {
  const { token } = signIn(request, serving);
  const from = request.socket.remoteAddress ?? '';
  const caller = isProblem(token) ? null : token;
  const { fields, wait }: Allowance = serving.limits.take(caller, from, serving.clock());
  reply.headers(fields);
  if (wait === null) return undefined;
  return refuse(reply.header('retry-after', String(wait)), [problem('rate_limited')]);
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: Serving,
): Promise<FastifyReply> {
  const { params, query, body } = request;
  const outcome = await route.run({ params, query, body }, ground(request, options), callers.get(request) ?? null);
  switch (outcome.kind) {
    case 'answer':
      reply.headers(outcome.headers ?? {});
      if (isKnown(outcome, request)) return reply.code(304).send();
      return reply.send(success(outcome.result, outcome.messages ?? [], outcome.info));
    case 'document':
      return reply.code(outcome.status).headers(outcome.headers).send(outcome.text);
    case 'stream': {
      const refused = options.streams.begin(request, reply, outcome);
      return refused === null ? reply : refuse(reply, [refused]);
    }
    case 'refusal':
      return refuse(reply, outcome.problems);
    case 'problem':
      return refuse(reply, [outcome]);
  }
}

// RFC 9110 §13.1.2. What is said beside the result may have changed, so an answer that says something is sent in full.
function isKnown({ headers, messages = [] }: Answer, request: FastifyRequest): boolean {
  const etag = headers?.['etag'];
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return etag !== undefined && reads && messages.length === 0 && namesTag(headerOf(request, 'if-none-match'), etag);
}

function ground(request: FastifyRequest, options: Serving): Ground {
  const { plane, clock, version = '0.0.0', edgeNetworks = { ipv4: [], ipv6: [] } } = options;
  return {
    plane,
    settings: { version, edgeNetworks },
    now: clock(),
    clock,
    base: `${request.protocol}://${request.host}`,
    from: request.socket.remoteAddress ?? '',
    header: (name) => headerOf(request, name),
    figures: () => withCalls(options),
  };
}

async function withCalls({ figures, calls }: Serving): Promise<Figures> {
  const { total, edges } = (await figures?.()) ?? { total: NO_FIGURES, edges: [] };
  const counted = [...calls].map(([status, count]) => [seriesKey('api_requests_total', status), count]);
  return { total: merge(total, { counters: Object.fromEntries(counted), gauges: {} }), edges };
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function refuse(reply: FastifyReply, problems: readonly Problem[]): FastifyReply {
  return reply.code(statusOf(problems)).type('application/json; charset=utf-8').send(failure(problems));
}

// Fastify's own refusals of what came in.
const THROWN: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad_json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'bad_json',
  FST_ERR_BAD_URL: 'no_route',
  FST_ERR_MAX_PARAM_LENGTH: 'no_route',
};

function thrown(error: unknown, request: FastifyRequest, log: Log): Problem {
  if (error instanceof BadBody) return error.problem;
  const fields = errorFields(error);
  const known = THROWN[fields.code ?? ''];
  if (known !== undefined) return problem(known);
  log('api_error', { request: request.id, ...fields });
  return problem('internal', `request ${request.id}`);
}

/** What is not even HTTP is answered in the envelope too, and the connection ends. */
function refuseBytes(code: string, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const body = JSON.stringify(failure([problem('bad_request')]));
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
