import { isProblem } from '../../wire/commands.ts';
import { IMPACT, IMPACT_BODY, impactView } from '../../wire/impact.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { actOf } from './impact-act.ts';
import { one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

export const IMPACT_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/impact',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, body: IMPACT_BODY },
    answers:
      'What would follow from a change, and for which hostnames; refused as the change itself would be. Nothing is changed. About records it answers who may dns:edit.',
    returns: one(IMPACT),
    handle: async ({ body }, call) => {
      const act = actOf(body, call);
      if (isProblem(act)) return act;
      const outcome = await call.plane.impact(call.zone.id, act);
      return isProblem(outcome) ? outcome : { kind: 'answer', result: impactView(body.kind, outcome) };
    },
  }),
];
