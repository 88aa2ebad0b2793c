import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import { type Figures, merge, NOTHING_COUNTED, seriesKey } from '../wire/metrics.ts';
import type { OriginConfigurator } from '../wire/origin-config.ts';
import { FailedSignIns } from './api/failed-sign-ins.ts';
import { hostAllowed, hostOf, isLoopback } from './api/host-check.ts';
import { servedDescription } from './api/openapi/served.ts';
import { type RateLimitOptions, RateLimits } from './api/rate-limits.ts';
import type { Route, Settings } from './api/route.ts';
import { missingMethods, ROUTES } from './api/table.ts';
import { authenticate, type Credential, readCredential } from './authenticate.ts';
import { EventStreams } from './event-streams.ts';
import { createApp, deliver, type Giving, groundOf, headerOf, hold, refuse } from './listener/app.ts';
import { addByteRoutes } from './listener/bytes.ts';
import { listenerServers, type Servers } from './listener/servers.ts';
import type { Log } from './log.ts';
import type { ControlPlane, StoredToken } from './plane.ts';

export interface ApiServerOptions {
  readonly plane: ControlPlane;
  readonly clock: () => Instant;
  readonly log: Log;
  readonly version?: string;
  /** Over TLS where these say so; without where left out, which is for loopback only. */
  readonly servers?: Servers;
  /** Names beside localhost that callers over loopback may use in Host (`--api-host`). */
  readonly hosts?: readonly string[];
  /** Networks that the edge pulls from, for `GET /ips`. */
  readonly edgeNetworks?: Settings['edgeNetworks'];
  /** Makes configurations for origins. */
  readonly configureOrigin?: OriginConfigurator;
  /** Whether e-mail and key are taken as a credential (`--legacy-key`); they are not unless this says so. */
  readonly legacyKeys?: boolean;
  /** What the edges count, for `/metrics` and the list of edges. */
  readonly figures?: () => Promise<Figures>;
  /** How much a token and an address may ask for; Cloudflare's limits where left out, `null` for no limit. */
  readonly rateLimits?: Partial<RateLimitOptions>;
}

/** The API, not listening yet. `inject` asks it without a socket; `close` ends it and leaves the control plane open. */
export function createApiServer(options: ApiServerOptions): FastifyInstance {
  const { version = '0.0.0', edgeNetworks = { ipv4: [], ipv6: [] }, configureOrigin = null } = options;
  const app = createApp(options.servers ?? listenerServers(null), options.log);
  const calls = new Map<string, number>();
  const serving: Serving = {
    ...options,
    settings: { version, edgeNetworks, configureOrigin, description: servedDescription(ROUTES, version) },
    figures: () => withCalls(options, calls),
    failures: new FailedSignIns(),
    limits: new RateLimits(options.rateLimits),
    streams: new EventStreams(),
    calls,
  };
  addHooks(app, serving);
  addRoutes(app, serving);
  return app;
}

/** What one server keeps between calls. */
interface Serving extends Omit<ApiServerOptions, 'figures'>, Giving {
  readonly failures: FailedSignIns;
  readonly limits: RateLimits;
  readonly streams: EventStreams;
  /** How many calls were answered, by the class of their status. */
  readonly calls: Map<string, number>;
}

function addHooks(app: FastifyInstance, serving: Serving): void {
  const { hosts = [], streams, calls } = serving;
  const names = hosts.map((host) => host.toLowerCase().replace(/\.$/, ''));
  app.addHook('onRequest', async (request, reply) => {
    if (!hostAllowed(hostOf(request.raw), request.socket.localAddress, names)) {
      return refuse(reply, [problem('bad_host')]);
    }
    return limit(request, reply, serving);
  });
  app.addHook('onResponse', async (_request, reply) => {
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    calls.set(status, (calls.get(status) ?? 0) + 1);
  });
  // Streams would keep the server from closing.
  app.addHook('preClose', async () => streams.close());
}

function addRoutes(app: FastifyInstance, serving: Serving): void {
  for (const route of ROUTES.filter(({ bytes }) => bytes === null)) addRoute(app, serving, route);
  addByteRoutes(app, ROUTES, (part, route, limit) => addRoute(part, serving, route, limit));
  for (const [path, { has, lacks }] of missingMethods(ROUTES)) {
    app.route({
      method: lacks,
      url: path,
      handler: (_request, reply) =>
        refuse(reply.header('allow', has.join(', ')), [problem('method_not_allowed', `allowed are ${has.join(', ')}`)]),
    });
  }
}

function addRoute(app: FastifyInstance, serving: Serving, route: Route, limit: { readonly bodyLimit?: number } = {}) {
  app.route({
    ...limit,
    method: route.method,
    url: route.path,
    // Before the body is read: who has no token sends nothing.
    onRequest: async (request, reply) => {
      const token = route.permission === null || openHere(route, request) ? null : signedIn(request, serving);
      if (isProblem(token)) {
        if (token.code === 'too_many_failures') reply.header('retry-after', '1');
        return refuse(reply, [VERIFIES.test(route.path) ? unverified(token, request) : token]);
      }
      callers.set(request, token);
      return undefined;
    },
    handler: (request, reply) => serve(route, request, reply, serving),
  });
}

const VERIFIES = /\/tokens\/verify$/;

/** Whoever asks whether a token counts is told in the words of that call, which clients of Cloudflare's match on. */
function unverified(refused: Problem, request: FastifyRequest): Problem {
  if (refused.code !== 'unauthenticated') return refused;
  return problem(signIns.get(request)?.credential.kind === 'none' ? 'missing_token' : 'invalid_token');
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
  return hold(reply, serving.limits.take(isProblem(token) ? null : token, from, serving.clock()));
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  serving: Serving,
): Promise<FastifyReply> {
  const { params, query, body } = request;
  const outcome = await route.run({ params, query, body }, groundOf(request, serving), callers.get(request) ?? null);
  if (outcome.kind !== 'stream') return deliver(reply, outcome);
  const refused = serving.streams.begin(request, reply, outcome);
  return refused === null ? reply : refuse(reply, [refused]);
}

async function withCalls({ figures }: ApiServerOptions, calls: ReadonlyMap<string, number>): Promise<Figures> {
  const { total, edges } = (await figures?.()) ?? NOTHING_COUNTED;
  const counted = [...calls].map(([status, count]) => [seriesKey('api_requests_total', status), count]);
  return { total: merge(total, { counters: Object.fromEntries(counted), gauges: {} }), edges };
}
