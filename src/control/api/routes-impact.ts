import { isProblem } from '../../wire/commands.ts';
import { IMPACT, IMPACT_BODY, impactView } from '../../wire/impact.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { actOf } from './impact-act.ts';
import { everyImpactForbidden, impactForbidden } from './impact-permission.ts';
import { one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

export const IMPACT_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/impact',
    // That of the thing that the change is about: see below.
    permission: 'any',
    refuses: everyImpactForbidden,
    takes: { params: ZONE_PARAMS, body: IMPACT_BODY },
    answers:
      'What would follow from a change, and for which hostnames; refused as the change itself would be. Nothing is changed. It needs the permission to read what the change is about: dns:read for records, firewall:read for rules, settings:read for settings, zone:read for pause and zone_delete, ssl:read for all else; what a record is to say it answers who may dns:edit.',
    returns: one(IMPACT),
    handle: async ({ body }, call) => {
      const forbidden = impactForbidden(body, call.token.permissions);
      if (forbidden !== null) return forbidden;
      const act = actOf(body, call);
      if (isProblem(act)) return act;
      const outcome = await call.plane.impact(call.zone.id, act);
      return isProblem(outcome) ? outcome : { kind: 'answer', result: impactView(body.kind, outcome) };
    },
  }),
];
