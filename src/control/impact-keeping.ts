import type { Attestation } from '../domain/attestation.ts';
import { NO_CALLERS } from '../domain/callers.ts';
import type { Command } from '../domain/change.ts';
import type { OriginCa, PlanSource } from '../domain/edge-zone.ts';
import { type Hostname, revision, type ZoneId } from '../domain/ids.ts';
import type { KnownComers } from '../domain/enforcing.ts';
import { type Act, type Impact, impact } from '../domain/impact.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { verifiesOrigins } from '../domain/settings.ts';
import type { ShownApart } from '../domain/shown-certificate.ts';
import type { TrafficFacts } from '../domain/traffic.ts';
import type { Zone } from '../domain/zone.ts';
import { CALLER_SPANS, callersByOtherNames, callersIn, callersTogether, weighedSince } from '../wire/callers.ts';
import type { CallerKeeping } from './callers.ts';
import { circumstances } from './commit.ts';
import { type ControlState, sharedIdentity } from './control-state.ts';
import type { Feed } from './feed.ts';
import type { OriginCertificates } from './origin-certificates.ts';
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
  readonly certificates: Pick<OriginCertificates, 'under'>;
}

/** Asks what the commit path would ask, and stores nothing. */
export function impactKeeping(state: ControlState, parts: Parts): ImpactKeeping {
  const { feed, source, locks, certificates } = parts;
  let trafficOf: TrafficSource = async () => null;
  return {
    countTraffic: (counted) => {
      trafficOf = counted;
    },
    impact: async (id, act) => {
      const traffic = await trafficOf(id);
      const counted =
        act.kind === 'enforce' ? await comersOf(id, act.hostnames, { ...parts, now: state.clock() }) : NOBODY;
      const shown = await shownThen(state, certificates, id, act);
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
        shown,
      });
    },
  };
}

/** What the origins show, where the act is about who is believed there; the rules of the zone say which acts may be. */
async function shownThen(
  state: ControlState,
  { under }: Pick<OriginCertificates, 'under'>,
  id: ZoneId,
  act: Act,
): Promise<readonly ShownApart[]> {
  const zone = state.zones.index.get(id);
  if (zone === undefined || act.kind !== 'change') return [];
  const then = trustedThen(zone, act.command);
  return then === null ? [] : under(id, then);
}

/** Whom the edge believes after a command; `null` where it is about nothing of that. */
function trustedThen({ trustStore, settings: { ssl } }: Zone, command: Command): readonly OriginCa[] | null {
  if (!verifiesOrigins(ssl)) return null;
  const now = [...trustStore.values()];
  if (command.kind === 'trust_ca') return [...now, command.ca].map(({ certificate }) => certificate);
  if (command.kind !== 'distrust_ca') return null;
  return now.filter(({ id }) => id !== command.id).map(({ certificate }) => certificate);
}

const NOBODY: KnownComers = { since: 'hour', counts: new Map(), byOtherNames: NO_CALLERS };

/** Who came within the last hour; where a set-up is under way, since its configuration is what it is, as its page counts. */
async function comersOf(
  zone: ZoneId,
  hostnames: readonly Hostname[],
  { callers, setup, now }: Pick<Parts, 'callers' | 'setup'> & { readonly now: number },
): Promise<KnownComers> {
  const [hostname] = hostnames;
  const configured = hostname === undefined ? null : ((await setup({ zone, hostname }))?.configured ?? null);
  const since = weighedSince(configured, now);
  const known = await callers(zone, hostnames, since);
  const told = [...known].filter(([, { sources }]) => sources.length > 0);
  return {
    since: configured !== null && configured > now - CALLER_SPANS['1h'] ? { ago: now - configured } : 'hour',
    counts: new Map(told.map(([name, { slots }]) => [name, callersIn(slots).total])),
    byOtherNames: callersByOtherNames(callersTogether(known.values())).total,
  };
}
