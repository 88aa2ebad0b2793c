import type { FastifyInstance } from 'fastify';
import type { Route } from '../api/route.ts';

/**
 * Adds those routes that take bytes in place of JSON: in a part of the server of their own, so that no other route can be
 * sent anything but JSON. `add` makes one with its limit.
 */
export function addByteRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  add: (app: FastifyInstance, route: Route, limit: { readonly bodyLimit: number }) => void,
): void {
  const taking = routes.filter(({ bytes }) => bytes !== null);
  if (taking.length === 0) return;
  void app.register(async (part) => {
    part.removeAllContentTypeParsers();
    part.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const route of taking) add(part, route, { bodyLimit: route.bytes?.most ?? 0 });
  });
}
