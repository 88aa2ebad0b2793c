import { isProblem } from '../../wire/commands.ts';
import { EDGE_VISIT, EDGE_VISIT_BODY, edgeVisitView } from '../../wire/edge-visits.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';
import { typedHostnameIn } from './typed-in-zone.ts';

export const EDGE_VISIT_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/edge_visits',
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: EDGE_VISIT_BODY },
    answers:
      'Has an edge asked once for the first page of a hostname that it serves, as any visitor would ask: so an origin that counts who comes sees the edge come. Nothing is changed; an account may have 30 such visits in a minute.',
    returns: one(EDGE_VISIT),
    handle: async ({ body }, { plane, zone }) => {
      const hostname = typedHostnameIn(zone, body.hostname, '/hostname');
      if (isProblem(hostname)) return hostname;
      const visit = await plane.visitThroughEdge(zone.id, hostname);
      return isProblem(visit) ? visit : { kind: 'answer', result: edgeVisitView(visit) };
    },
  }),
];
