import type { FastifyInstance } from 'fastify';
import type { Instant } from '../domain/ids.ts';
import { problem } from '../domain/problems.ts';
import { NOTHING_COUNTED } from '../wire/metrics.ts';
import { servedDescription } from './api/openapi/served.ts';
import { type RateLimitOptions, RateLimits } from './api/rate-limits.ts';
import { PUBLIC_ROUTES } from './api/routes-public.ts';
import { createApp, deliver, type Giving, groundOf, hold, refuse } from './listener/app.ts';
import { listenerServers } from './listener/servers.ts';
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

/**
 * What origins elsewhere fetch, on a listener of its own (`--public`) that may stand open to the world: trust bundles,
 * which prove themselves by their digest, and whether it answers. It has no other call, and looks at no token.
 */
export function createPublicServer({ plane, clock, log, rateLimits }: PublicServerOptions): FastifyInstance {
  const app = createApp(listenerServers(null), log);
  const limits = new RateLimits(rateLimits);
  app.addHook('onRequest', async (request, reply) => {
    const held = hold(reply, limits.take(null, request.socket.remoteAddress ?? '', clock()));
    if (held !== undefined) return held;
    // Before a body is read: none is of use here. The connection ends with it.
    if (READS.has(request.method)) return undefined;
    reply.headers({ allow: [...READS].join(', '), connection: 'close' });
    return refuse(reply, [problem('method_not_allowed', 'this listener only reads')]);
  });
  const description = servedDescription(PUBLIC_ROUTES, '');
  const settings = { version: '', edgeNetworks: { ipv4: [], ipv6: [] }, description };
  // Nothing that is counted is for the world.
  const giving: Giving = { plane, clock, settings, figures: async () => NOTHING_COUNTED };
  for (const { method, path, run } of PUBLIC_ROUTES) {
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const { params, query } = request;
        const outcome = await run({ params, query, body: undefined }, groundOf(request, giving), null);
        return outcome.kind === 'stream' ? refuse(reply, [problem('no_route')]) : deliver(reply, outcome);
      },
    });
  }
  return app;
}
