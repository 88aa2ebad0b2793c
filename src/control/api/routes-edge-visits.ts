import { isWithin } from '../../domain/ids.ts';
import { problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { EDGE_VISIT, EDGE_VISIT_BODY, edgeVisitView } from '../../wire/edge-visits.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

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
      const hostname = typedHostname(body.hostname);
      if (hostname === null || !isWithin(hostname, zone.name))
        return problem('hostname_outside_zone', `${shown(body.hostname)} is not in ${zone.name}`, '/hostname');
      const visit = await plane.visitThroughEdge(zone.id, hostname);
      return isProblem(visit) ? visit : { kind: 'answer', result: edgeVisitView(visit) };
    },
  }),
];
