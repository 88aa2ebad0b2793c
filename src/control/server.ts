import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import { type Figures, merge, NOTHING_COUNTED, seriesKey } from '../wire/metrics.ts';
import { type Analytics, Collector } from './analytics/collector.ts';
import type { OriginConfigurator } from '../wire/origin-config.ts';
import { hostAllowed, hostOf, isLoopback } from './api/host-check.ts';
import { servedDescription } from './api/openapi/served.ts';
import { type RateLimitOptions, RateLimits } from './api/rate-limits.ts';
import type { Route, Settings, SignInBy } from './api/route.ts';
import { missingMethods, ROUTES } from './api/table.ts';
import { EventStreams } from './event-streams.ts';
import { createApp, deliver, type Giving, groundOf, hold, refuse } from './listener/app.ts';
import { addByteRoutes } from './listener/bytes.ts';
import { type Dashboard, serveDashboard } from './listener/dashboard.ts';
import { listenerServers, type Servers } from './listener/servers.ts';
import type { Log } from './log.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken } from './token.ts';
import type { SignInCode } from './sign-in-code.ts';
import { SignIns } from './sign-ins.ts';

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
  /** The code of the address that signs in by itself; none counts where it is left out. */
  readonly signInCode?: SignInCode;
  /** How long a sign-in by cookie lasts at most; 12 where left out. */
  readonly sessionHours?: number;
  /** What the edges count, for `/metrics` and the list of edges. */
  readonly figures?: () => Promise<Figures>;
  /** What they counted over time; nothing where left out. */
  readonly analytics?: Analytics;
  /** How much a token and an address may ask for; Cloudflare's limits where left out, `null` for no limit. */
  readonly rateLimits?: Partial<RateLimitOptions>;
  /** The pages for people; `null` where they have not been built. There are none where it is left out. */
  readonly dashboard?: Dashboard | null;
}

/** The API, not listening yet. `inject` asks it without a socket; `close` ends it and leaves the control plane open. */
export function createApiServer(options: ApiServerOptions): FastifyInstance {
  const { version = '0.0.0', edgeNetworks = { ipv4: [], ipv6: [] } } = options;
  const { sessionHours = SESSION_HOURS, configureOrigin = null } = options;
  const app = createApp(options.servers ?? listenerServers(null), options.log);
  const calls = new Map<string, number>();
  const serving: Serving = {
    ...options,
    settings: { version, edgeNetworks, sessionHours, configureOrigin, description: servedDescription(ROUTES, version) },
    figures: () => withCalls(options, calls),
    signIns: new SignIns(options),
    analytics: options.analytics ?? new Collector(options.clock()),
    limits: new RateLimits(options.rateLimits),
    streams: new EventStreams(),
    calls,
  };
  addHooks(app, serving);
  addRoutes(app, serving);
  if (options.dashboard !== undefined) serveDashboard(app, options.dashboard);
  return app;
}

/** What one server keeps between calls. */
interface Serving extends Omit<ApiServerOptions, 'figures' | 'analytics'>, Giving {
  readonly signIns: SignIns;
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
      const needless = route.permission === null || openHere(route, request);
      const token = needless ? null : serving.signIns.admit(route, request);
      if (isProblem(token)) {
        return refuse(reply, [VERIFIES.test(route.path) ? unverified(token, request, serving) : token]);
      }
      callers.set(request, token);
      return undefined;
    },
    handler: (request, reply) => serve(route, request, reply, serving),
  });
}

const SESSION_HOURS = 12;

const VERIFIES = /\/tokens\/verify$/;

/** Whoever asks whether a token counts is told in the words of that call, which clients of Cloudflare's match on. */
function unverified(refused: Problem, request: FastifyRequest, { signIns }: Serving): Problem {
  if (refused.code !== 'unauthenticated') return refused;
  return problem(signIns.of(request).credential.kind === 'none' ? 'missing_token' : 'invalid_token');
}

// What a proxy on this machine passes on comes from elsewhere; who sends a credential wants it judged.
const FROM_ELSEWHERE = ['x-forwarded-for', 'forwarded', 'via', 'authorization', 'x-auth-key'] as const;

function openHere(route: Route, request: FastifyRequest): boolean {
  const from = request.socket.remoteAddress;
  if (route.openHere !== true || from === undefined || !isLoopback(from)) return false;
  return FROM_ELSEWHERE.every((name) => request.headers[name] === undefined);
}

const callers = new WeakMap<FastifyRequest, StoredToken | null>();

/** Counts the request for its token and its address, and says in its answer what is left. */
function limit(request: FastifyRequest, reply: FastifyReply, serving: Serving): FastifyReply | undefined {
  const { token } = serving.signIns.of(request);
  const from = request.socket.remoteAddress ?? '';
  return hold(reply, serving.limits.take(isProblem(token) ? null : token, from, serving.clock()));
}

// A sign-in is stored and audited: one that did not count for its token could be made without end.
function signIn(by: SignInBy, request: FastifyRequest, { signIns, limits, clock }: Serving): StoredToken | Problem {
  const held = (token: StoredToken) => {
    const { wait } = limits.take(token, request.socket.remoteAddress ?? '', clock());
    return wait === null ? token : problem('rate_limited');
  };
  if (by.kind === 'code') return signIns.codeOf(by.text, request, held);
  const token = signIns.tokenOf(by.text, request);
  return isProblem(token) ? token : held(token);
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  serving: Serving,
): Promise<FastifyReply> {
  const { params, query, body } = request;
  const { session } = serving.signIns.of(request);
  const ground = groundOf(request, serving, { session, signIn: (by) => signIn(by, request, serving) });
  const outcome = await route.run({ params, query, body }, ground, callers.get(request) ?? null);
  if (outcome.kind !== 'stream') return deliver(reply, outcome);
  const refused = serving.streams.begin(request, reply, outcome);
  return refused === null ? reply : refuse(reply, [refused]);
}

async function withCalls({ figures }: ApiServerOptions, calls: ReadonlyMap<string, number>): Promise<Figures> {
  const { total, edges } = (await figures?.()) ?? NOTHING_COUNTED;
  const counted = [...calls].map(([status, count]) => [seriesKey('api_requests_total', status), count]);
  return { total: merge(total, { counters: Object.fromEntries(counted), gauges: {} }), edges };
}
