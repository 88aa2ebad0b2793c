import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Instant, instant } from '../domain/ids.ts';
import { problem } from '../domain/problems.ts';
import { NOTHING_COUNTED } from '../wire/metrics.ts';
import { Collector } from './analytics/collector.ts';
import { servedDescription } from './api/openapi/served.ts';
import { type RateLimitOptions, RateLimits } from './api/rate-limits.ts';
import type { Route } from './api/route.ts';
import { PUBLIC_ROUTES } from './api/routes-public.ts';
import { createApp, deliver, type Giving, groundOf, hold, refuse } from './listener/app.ts';
import { listenerServers } from './listener/servers.ts';
import { addByteRoutes } from './listener/bytes.ts';
import type { Log } from './log.ts';
import type { ControlPlane } from './plane.ts';

export interface PublicServerOptions {
  readonly plane: ControlPlane;
  readonly clock: () => Instant;
  readonly log: Log;
  /** How much an address may ask for, as at the API. */
  readonly rateLimits?: Partial<RateLimitOptions>;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The calls that take a body: bytes, and few of them. */
const ASKED: ReadonlySet<string | undefined> = new Set(
  PUBLIC_ROUTES.filter(({ bytes }) => bytes !== null).map(({ path }) => path),
);

function asks({ method, routeOptions: { url } }: FastifyRequest): boolean {
  return method === 'POST' && ASKED.has(url);
}

/**
 * What origins elsewhere fetch, on a listener of its own (`--public`) that may stand open to the world: trust bundles,
 * which prove themselves by their digest, revocation lists and OCSP, which are signed, and whether it answers. It has no
 * other call, and looks at no token.
 */
export function createPublicServer({ plane, clock, log, rateLimits }: PublicServerOptions): FastifyInstance {
  const app = createApp(listenerServers(null), log);
  const limits = new RateLimits(rateLimits);
  app.addHook('onRequest', async (request, reply) => {
    const held = hold(reply, limits.take(null, request.socket.remoteAddress ?? '', clock()));
    if (held !== undefined) return held;
    // Before a body is read: none is of use here, but for questions that are too long for a path. The connection ends with it.
    if (READS.has(request.method) || asks(request)) return undefined;
    reply.headers({ allow: [...READS].join(', '), connection: 'close' });
    return refuse(reply, [problem('method_not_allowed', 'this listener only reads')]);
  });
  const description = servedDescription(PUBLIC_ROUTES, '');
  const settings = {
    version: '',
    edgeNetworks: { ipv4: [], ipv6: [] },
    sessionHours: 0,
    configureOrigin: null,
    description,
  };
  // Nothing that is counted is for the world.
  const giving: Giving = {
    plane,
    clock,
    settings,
    figures: async () => NOTHING_COUNTED,
    analytics: new Collector(instant(0)),
  };
  for (const route of PUBLIC_ROUTES.filter(({ bytes }) => bytes === null)) addRoute(app, giving, route);
  addByteRoutes(app, PUBLIC_ROUTES, (part, route, limit) => addRoute(part, giving, route, limit));
  return app;
}

function addRoute(
  app: FastifyInstance,
  giving: Giving,
  { method, path, bytes, run }: Route,
  limit: { readonly bodyLimit?: number } = {},
): void {
  app.route({
    ...limit,
    method,
    url: path,
    handler: async (request, reply) => {
      const { params, query } = request;
      const body = bytes === null ? undefined : request.body;
      const outcome = await run({ params, query, body }, groundOf(request, giving), null);
      return outcome.kind === 'stream' ? refuse(reply, [problem('no_route')]) : deliver(reply, outcome);
    },
  });
}
