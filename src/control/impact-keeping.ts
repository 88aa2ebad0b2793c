import { slotOf } from '../domain/callers.ts';
import type { Attestation } from '../domain/attestation.ts';
import type { PlanSource } from '../domain/edge-zone.ts';
import { type Hostname, instant, revision, type ZoneId } from '../domain/ids.ts';
import type { KnownComers } from '../domain/enforcing.ts';
import { type Act, type Impact, impact } from '../domain/impact.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { TrafficFacts } from '../domain/traffic.ts';
import { CALLER_SPANS, callersIn } from '../wire/callers.ts';
import type { CallerKeeping } from './callers.ts';
import { circumstances } from './commit.ts';
import { type ControlState, sharedIdentity } from './control-state.ts';
import type { Feed } from './feed.ts';
import type { SetupKeeping } from './setups.ts';

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
  readonly setup: SetupKeeping['setup'];
}

/** Asks what the commit path would ask, and stores nothing. */
export function impactKeeping(state: ControlState, parts: Parts): ImpactKeeping {
  const { feed, source, locks } = parts;
  let trafficOf: TrafficSource = async () => null;
  return {
    countTraffic: (counted) => {
      trafficOf = counted;
    },
    impact: async (id, act) => {
      const traffic = await trafficOf(id);
      const counted =
        act.kind === 'enforce' ? await comersOf(id, act.hostnames, { ...parts, now: state.clock() }) : NOBODY;
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

const NOBODY: KnownComers = { since: 'hour', counts: new Map() };

/** Who came within the last hour; where a set-up is under way, since its configuration is what it is, as its page counts. */
async function comersOf(
  zone: ZoneId,
  hostnames: readonly Hostname[],
  { callers, setup, now }: Pick<Parts, 'callers' | 'setup'> & { readonly now: number },
): Promise<KnownComers> {
  const [hostname] = hostnames;
  const hour = now - CALLER_SPANS['1h'];
  const configured = hostname === undefined ? null : ((await setup({ zone, hostname }))?.configured ?? null);
  const since = Math.max(hour, configured === null ? 0 : slotOf(configured));
  const known = await callers(zone, hostnames, instant(since));
  const told = [...known].filter(([, { sources }]) => sources.length > 0);
  return {
    since: since > hour ? 'configured' : 'hour',
    counts: new Map(told.map(([name, { slots }]) => [name, callersIn(slots).total])),
  };
}
