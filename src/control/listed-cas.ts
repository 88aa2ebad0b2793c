import type { Zone } from '../domain/zone.ts';
import { type ZoneCa, zoneCas } from '../domain/zone-cas.ts';
import { INSTALLATION, type InstallationFacts } from './installation.ts';
import type { Purpose } from './vault.ts';

/** A CA that publishes a revocation list, with the place of its key in the vault. */
export interface ListedCa extends Pick<ZoneCa, 'role' | 'certificate' | 'key' | 'isAway'> {
  readonly purpose: Purpose;
}

/** The CAs of a zone, or of the authority that all zones share for `null`; roots first. */
export function listedCas({ shared }: InstallationFacts, zone: Zone | null): readonly ListedCa[] {
  if (zone !== null) return zoneCas(zone).map((ca) => ({ ...ca, purpose: ZONE_KEYS[ca.role] }));
  const { root, intermediate } = shared;
  return [
    { role: 'root', certificate: root, key: INSTALLATION, purpose: 'shared_root', isAway: false },
    {
      role: 'intermediate',
      certificate: intermediate,
      key: INSTALLATION,
      purpose: 'shared_intermediate',
      isAway: false,
    },
  ];
}

const ZONE_KEYS = { root: 'zone_root', intermediate: 'zone_intermediate' } as const satisfies Record<
  ZoneCa['role'],
  Purpose
>;
