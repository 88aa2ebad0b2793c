import { z } from 'zod';
import type { ZoneId } from '../../domain/ids.ts';
import { ANALYTICS, ANALYTICS_SPANS, HOSTNAME_TRAFFIC, type HostnameTraffic } from '../../wire/analytics.ts';
import { FILTER, oneOf, paging, ZONE_PARAMS } from '../../wire/schemas.ts';
import type { Analytics } from '../analytics/collector.ts';
import { analyticsView, HOSTNAME_ORDERS, hostnameView, inOrder } from '../analytics/telling.ts';
import { page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, route, unlessRestricted, zoneRoute } from './route.ts';
import type { Page } from './outcome.ts';

const SPAN = z.strictObject({ last: oneOf(ANALYTICS_SPANS).default('1h') });

const LIST = z.strictObject({
  search: FILTER.optional(),
  order: oneOf(HOSTNAME_ORDERS).default('pulls'),
  ...paging({ minimum: 1, maximum: 500, otherwise: 100 }),
});

export const ANALYTICS_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/analytics',
    permission: 'metrics:read',
    takes: { query: SPAN },
    answers:
      'What the edges counted in a span of time, for all zones: pulls, certificates shown, handshakes, reuse, latency. Not for tokens that are restricted to zones or accounts.',
    returns: one(ANALYTICS),
    handle: ({ query }, call) =>
      unlessRestricted(call.token) ?? { kind: 'answer', result: analyticsView(call.analytics, null, query.last) },
  }),
  route({
    method: 'GET',
    path: '/postern/v1/analytics/hostnames',
    permission: 'metrics:read',
    takes: { query: LIST },
    answers: 'Pulls of the last hour by hostname, for all zones. Not for tokens that are restricted.',
    returns: pageOf(HOSTNAME_TRAFFIC),
    handle: ({ query }, call) => unlessRestricted(call.token) ?? hostnames(call.analytics, null, query),
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/analytics',
    permission: 'zone:read',
    takes: { params: ZONE_PARAMS, query: SPAN },
    answers: 'What the edges counted in a span of time for the zone.',
    returns: one(ANALYTICS),
    handle: ({ query }, { zone, analytics }) => ({
      kind: 'answer',
      result: analyticsView(analytics, zone.id, query.last),
    }),
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/analytics/hostnames',
    permission: 'zone:read',
    takes: { params: ZONE_PARAMS, query: LIST },
    answers: 'Pulls of the last hour by hostname: how many, and how many of them showed no certificate.',
    returns: pageOf(HOSTNAME_TRAFFIC),
    handle: ({ query }, { zone, analytics }) => hostnames(analytics, zone.id, query),
  }),
];

function hostnames(analytics: Analytics, zone: ZoneId | null, query: z.output<typeof LIST>): Page<HostnameTraffic> {
  const wanted = query.search?.toLowerCase() ?? '';
  const found = analytics.hostnames(zone).hostnames.filter(({ hostname }) => hostname.includes(wanted));
  return page(inOrder(found, query.order), query, hostnameView);
}
