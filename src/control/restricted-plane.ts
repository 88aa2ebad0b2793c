import { problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import type { ControlPlane, Rights, ZoneIndex } from './plane.ts';

/** Whether somebody with these rights may know that a zone exists. */
export function maySee({ zones }: Pick<Rights, 'zones'>, zone: string): boolean {
  return zones === 'all' || zones.some((id) => id === zone);
}

/**
 * The control plane as a token sees it: for one that is restricted to zones, all others do not exist. Whatever a
 * handler does with it, it cannot leak them. A new zone would be none of the token's.
 */
export function restrictedPlane(plane: ControlPlane, token: Pick<Rights, 'zones'>): ControlPlane {
  if (token.zones === 'all') return plane;
  const seen = (zone: Zone | undefined) => (zone !== undefined && maySee(token, zone.id) ? zone : undefined);
  const own: ZoneIndex = {
    get: (id) => seen(plane.zones.get(id)),
    named: (name) => seen(plane.zones.named(name)),
    holder: (name) => {
      const holder = plane.zones.holder(name);
      return holder !== null && maySee(token, holder.zone) ? holder : null;
    },
    all: () => ownZones(plane, token),
    size: () => [...ownZones(plane, token)].length,
  };
  const restricted: Pick<ControlPlane, 'zones' | 'commit' | 'createZone' | 'audit'> = {
    zones: own,
    audit: (query) => plane.audit({ ...query, zones: both(query.zones, token.zones) }),
    commit: async (change) => (maySee(token, change.zone) ? plane.commit(change) : problem('zone_not_found')),
    createZone: async () =>
      problem('forbidden', 'the token is restricted to zones, and a new one would not be among them'),
  };
  return Object.create(plane, Object.getOwnPropertyDescriptors(restricted));
}

function both(wanted: 'all' | readonly string[], own: Rights['zones']): 'all' | readonly string[] {
  if (own === 'all') return wanted;
  return wanted === 'all' ? own : own.filter((zone) => wanted.includes(zone));
}

function* ownZones({ zones }: ControlPlane, token: Pick<Rights, 'zones'>): Iterable<Zone> {
  for (const id of token.zones === 'all' ? [] : token.zones) {
    const zone = zones.get(id);
    if (zone !== undefined) yield zone;
  }
}
