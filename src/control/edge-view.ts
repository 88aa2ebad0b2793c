import type { EdgeZone, PlanSource } from '../domain/edge-zone.ts';
import type { CertificateId, Revision, ZoneId } from '../domain/ids.ts';
import type { ZoneMemory } from './zones.ts';

/** What the edges do, asked of what they were told. */
export interface EdgeView {
  /** What an edge has that holds all keys that could be opened. Knows every zone: `plan` has to, its caller must not. */
  readonly planSource: PlanSource;
  /** A zone as edges have it. */
  readonly edgeZone: (id: ZoneId) => EdgeZone | undefined;
  /** Since which revision edges were told what `edgeZone` says: one that has it in force does just that. */
  readonly edgeZoneSince: (id: ZoneId) => Revision | undefined;
}

interface EdgeViewParts {
  readonly zones: ZoneMemory;
  readonly holdsKey: (id: CertificateId) => boolean;
}

/** Reads what was compiled for the edges where it lies: nothing is copied or compiled for a question. */
export function edgeView({ zones, holdsKey }: EdgeViewParts): EdgeView {
  return {
    planSource: {
      zones: { get: (id) => zones.entry(id)?.edge.rules },
      hosts: {
        get: (name) => {
          // A name is its nearest zone's alone: `change` keeps the zones above from speaking for it.
          const zone = zones.index.holder(name)?.zone;
          const host = zone === undefined ? undefined : zones.entry(zone)?.edge.hosts.get(name);
          return zone === undefined || host === undefined ? undefined : { zone, host };
        },
      },
      holder: (name) => {
        const zone = zones.index.holder(name)?.zone;
        return zone === undefined ? undefined : { id: zone };
      },
      keys: { has: holdsKey },
    },
    edgeZone: (id) => zones.entry(id)?.edge,
    edgeZoneSince: (id) => zones.entry(id)?.since,
  };
}
