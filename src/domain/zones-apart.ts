import type { EdgeZone } from './edge-zone.ts';
import type { Hostname, Instant } from './ids.ts';
import type { ShownApart } from './shown-certificate.ts';
import type { TrafficFacts } from './traffic.ts';
import type { Zone } from './zone.ts';

/** A zone before a change and after it, for those who tell what the change means. */
export interface ZonesApart {
  readonly before: Zone;
  readonly after: Zone;
  /** The second as edges would have it. */
  readonly edge: EdgeZone;
  readonly now: Instant;
  readonly traffic: TrafficFacts;
  /** What origins were seen to show, as far as somebody looked. */
  readonly shown: readonly ShownApart[];
}

/** The names that the edge serves after the change. */
export function servedNames({ edge }: Pick<ZonesApart, 'edge'>): readonly Hostname[] {
  if (edge.rules.paused) return [];
  return [...edge.hosts.values()].filter(({ targets }) => targets.length > 0).map(({ hostname }) => hostname);
}
