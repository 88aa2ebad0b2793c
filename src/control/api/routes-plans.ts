import { z } from 'zod';
import { type Hostname, hostnamePattern } from '../../domain/ids.ts';
import { verdictsByName } from '../../domain/plan-turns.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { count, FILTER, HOSTNAME_PARAMS, oneOf, ZONE_PARAMS } from '../../wire/schemas.ts';
import { zoneMessages } from './committed.ts';
import { decide, deploymentMessages, effectivePlan, plannedPulls } from './effective-plan.ts';
import { EFFECTIVE_PLAN, PLAN_ROW, type PLANNED_PULLS } from '../../wire/effective-plan.ts';
import { tagged } from './entity-tag.ts';
import { cursorOf, one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { CursorPage } from './outcome.ts';
import { plannedNames, planPage } from './zone-plans.ts';
import { typedHostnameIn } from './typed-in-zone.ts';

/** A page whose filter fits seldom looks at so many hostnames before it hands out a cursor: some tens of milliseconds. */
const MOST_LOOKED_AT = 10_000;

const PLAN_LIST = z.strictObject({
  hostname: FILTER.optional(),
  level: oneOf(['hostname', 'zone', 'global', 'none']).optional(),
  kind: oneOf(['present', 'without', 'refuse', 'plaintext', 'redirect', 'not_served']).optional(),
  cursor: FILTER.optional(),
  limit: count(1, 1000, 50),
});

type PlanQuery = z.output<typeof PLAN_LIST>;

interface Planned extends View<typeof PLANNED_PULLS> {
  readonly hostname: Hostname;
}

export const PLAN_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/plans',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: PLAN_LIST },
    answers:
      'What the edge does for each hostname of a zone and whether its lock holds, filtered by a part of its name, the level that decides, or what happens over https. result_info.cursor leads to the next page; one with a filter may hold fewer than limit, or none, and still lead on.',
    returns: cursorOf(PLAN_ROW),
    handle: ({ query }, call) => list(query, call),
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/hostnames/:hostname/plan',
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'What the edge does for pulls of a hostname, which level decided, and what the origin must trust.',
    returns: one(EFFECTIVE_PLAN),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const hostname = typedHostnameIn(call.zone, params.hostname);
      if (isProblem(hostname)) return hostname;
      const plan = effectivePlan(hostname, call);
      return isProblem(plan) ? plan : tagged(plan);
    },
  }),
];

function list(query: PlanQuery, call: ZoneCall): CursorPage<View<typeof PLAN_ROW>> | Problem {
  const edge = call.plane.edgeZone(call.zone.id);
  if (edge === undefined) return problem('zone_not_found');
  const after = query.cursor === undefined ? null : hostnamePattern(query.cursor);
  const part = query.hostname?.toLowerCase();
  const walk = {
    after,
    limit: query.limit,
    most: MOST_LOOKED_AT,
    named: (name: Hostname) => part === undefined || name.includes(part),
    look: (name: Hostname) => row(name, query, call),
  };
  const found = query.cursor !== undefined && after === null ? null : planPage(plannedNames(edge, call.zone), walk);
  if (found === null) {
    return problem(
      'bad_query',
      `cursor is ${shown(query.cursor)}, which is no name of the zone (any more): begin anew`,
    );
  }
  const { rows, next } = found;
  const info = { count: rows.length, per_page: query.limit, cursor: next };
  return {
    kind: 'answer',
    result: judged(rows, call),
    info,
    messages: [...deploymentMessages(call), ...zoneMessages(call.zone)],
  };
}

/** The rows with what is known of their locks. */
function judged(rows: readonly Planned[], { plane, zone }: ZoneCall): readonly View<typeof PLAN_ROW>[] {
  const listed = new Set(rows.map(({ hostname }) => hostname));
  const { attestations } = plane.attestations(zone.id);
  const verdicts = verdictsByName(attestations.filter(({ origin }) => listed.has(origin.hostname)));
  return rows.map((row) => ({ ...row, verdict: verdicts.get(row.hostname) ?? null }));
}

/** A row of the list, or `null` where a filter does not let it pass. The cheap filters come first. */
function row(hostname: Hostname, { level, kind }: PlanQuery, call: ZoneCall): Planned | null {
  if (level !== undefined && (decide(hostname, call).level ?? 'none') !== level) return null;
  const planned = plannedPulls(hostname, call);
  return kind === undefined || planned.https.kind === kind ? { hostname, ...planned } : null;
}
