import type { CallerCounts } from '../domain/callers.ts';
import type { Attestation } from '../domain/attestation.ts';
import type { PlanSource } from '../domain/edge-zone.ts';
import { type Hostname, instant, revision, type ZoneId } from '../domain/ids.ts';
import { type Act, type Impact, impact } from '../domain/impact.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { TrafficFacts } from '../domain/traffic.ts';
import { CALLER_SPANS, callersIn } from '../wire/callers.ts';
import type { CallerKeeping } from './callers.ts';
import { circumstances } from './commit.ts';
import { type ControlState, sharedIdentity } from './control-state.ts';
import type { Feed } from './feed.ts';

/** What was pulled for the hostnames of a zone in the last hour; `null` where nobody counts. */
type TrafficSource = (zone: ZoneId) => Promise<TrafficFacts>;

/** What changes would lead to. */
export interface ImpactKeeping {
  /** What would follow if somebody did this to a zone now. Nothing is changed. */
  readonly impact: (zone: ZoneId, act: Act) => Promise<Impact | Problem>;
  /** From now on what is pulled is known. */
  readonly countTraffic: (source: TrafficSource) => void;
}

interface Parts {
  readonly feed: Feed;
  readonly source: PlanSource;
  readonly locks: (zone: ZoneId) => readonly Attestation[];
  readonly callers: CallerKeeping['callers'];
}

/** Asks what the commit path would ask, and stores nothing. */
export function impactKeeping(state: ControlState, { feed, source, locks, callers }: Parts): ImpactKeeping {
  let trafficOf: TrafficSource = async () => null;
  return {
    countTraffic: (counted) => {
      trafficOf = counted;
    },
    impact: async (id, act) => {
      const traffic = await trafficOf(id);
      const counted =
        act.kind === 'enforce'
          ? await lastHour(callers, { zone: id, hostname: act.hostname, now: state.clock() })
          : null;
      const entry = state.zones.entry(id);
      if (entry === undefined || state.closed) return problem('zone_not_found');
      const at = { now: state.clock(), revision: revision(state.revision + 1) };
      return impact(entry.zone, act, {
        world: circumstances(state, feed, at),
        shared: sharedIdentity(state.installation),
        edge: entry.edge,
        source,
        attestations: locks(id),
        traffic,
        callers: counted,
      });
    },
  };
}

interface Whose {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
  readonly now: number;
}

/** Who came within the last hour; `null` where no origin tells. */
async function lastHour(
  callers: CallerKeeping['callers'],
  { zone, hostname, now }: Whose,
): Promise<CallerCounts | null> {
  const { sources, slots } = await callers(zone, hostname, instant(now - CALLER_SPANS['1h']));
  return sources.length === 0 ? null : callersIn(slots).total;
}
