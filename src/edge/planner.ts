import type { EdgeAuthorities, EdgeConfig, EdgeZoneRules, Target } from '../domain/edge-zone.ts';
import type { Hostname, Instant, Revision } from '../domain/ids.ts';
import { type PullPlan, plan, type Scheme, serve, shownTo } from '../domain/plan.ts';
import { type Door, door, doorKey, type Pulling, withoutHttp2 } from '../pull/door.ts';
import { type Gate, gateOf } from './gate.ts';
import type { RequestCounts } from './request-counts.ts';

/** A plan together with the doors it leads to and the key of the pool behind each. */
export interface Route {
  readonly plan: PullPlan;
  readonly doors: readonly RouteDoor[];
  /** The same for requests that must not go over HTTP/2. */
  readonly http1Doors: readonly RouteDoor[];
  /** Who may come this way, and how often; `null` where everybody may. */
  readonly gate: Gate | null;
  /** Whose certificates visitors must show; `null` where nobody has to. */
  readonly asked: EdgeAuthorities | null;
}

export interface RouteDoor {
  readonly door: Door;
  readonly key: string;
  readonly called: Pick<Target, 'serverName' | 'hostHeader'>;
}

/** Answers the same question once per revision: a plan depends on nothing but the configuration and the clock. */
export interface Planner {
  readonly route: (name: Hostname, scheme: Scheme, now: Instant) => Route;
  /** Must be called whenever keys come or go; a new revision is noticed by itself. */
  readonly forget: () => void;
}

// Room for all names that are served; names below a wildcard are the visitor's to invent, so there is a bound.
const LEAST_ROUTES = 20_000;

interface Remembered {
  readonly route: Route;
  readonly until: number;
}

/** A planner over the configuration in force. `counts` is what gates remember of visitors. */
export function createPlanner(config: EdgeConfig, counts: RequestCounts): Planner {
  const gates = new WeakMap<EdgeZoneRules, Gate | null>();
  const remembered = { https: new Map<Hostname, Remembered>(), http: new Map<Hostname, Remembered>() };
  let of: Revision = config.revision;

  const forget = (): void => {
    remembered.https.clear();
    remembered.http.clear();
    of = config.revision;
  };

  const gateTo = (name: Hostname): Gate | null => {
    const rules = serve(config, name)?.rules;
    if (rules === undefined) return null;
    const known = gates.get(rules);
    if (known !== undefined) return known;
    const made = gateOf(rules, counts);
    gates.set(rules, made);
    return made;
  };

  return {
    forget,
    route: (name, scheme, now) => {
      if (of !== config.revision) forget();
      const known = remembered[scheme].get(name);
      if (known !== undefined && now <= known.until) return known.route;
      const made = { ...makeRoute(config, name, scheme, now), gate: gateTo(name), asked: config.asked(name) };
      // Finding out that nobody serves a name costs less than remembering it.
      if (made.plan.kind === 'not_served') return made;
      if (remembered[scheme].size >= Math.max(LEAST_ROUTES, 2 * config.hosts.size)) remembered[scheme].clear();
      remembered[scheme].set(name, { route: made, until: validUntil(made.plan) });
      return made;
    },
  };
}

function makeRoute(
  config: EdgeConfig,
  name: Hostname,
  scheme: Scheme,
  now: Instant,
): Pick<Route, 'plan' | 'doors' | 'http1Doors'> {
  const decided = plan(config, name, scheme, now);
  if (decided.kind !== 'plaintext' && decided.kind !== 'without' && decided.kind !== 'present')
    return { plan: decided, doors: [], http1Doors: [] };
  const doors = decided.targets.map((target) => routeDoor(decided, target, { name, scheme }));
  return { plan: decided, doors, http1Doors: doors.map(http1Door) };
}

function routeDoor(decided: Pulling, target: Target, { name, scheme }: { name: Hostname; scheme: Scheme }): RouteDoor {
  const way = door(decided, target, name, scheme);
  return { door: way, key: doorKey(way), called: target };
}

function http1Door(way: RouteDoor): RouteDoor {
  if (way.door.tls?.http2 !== true) return way;
  const led = withoutHttp2(way.door);
  return { ...way, door: led, key: doorKey(led) };
}

function validUntil(decided: PullPlan): number {
  if (decided.kind !== 'present') return Number.POSITIVE_INFINITY;
  return Math.min(...decided.targets.map((target) => shownTo(target, decided.identity).notAfter));
}
