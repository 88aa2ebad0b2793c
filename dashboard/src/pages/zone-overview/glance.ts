import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ZONE_GLANCE } from '../../../../src/wire/zone-glance.ts';
import { inZone, type Resource, useResource } from '../../api/resource.ts';
import type { Zone } from '../../zone.tsx';

/** A zone at a glance: `/postern/v1/zones/:zone/overview`. What the token may not read is `null`. */
export type Glance = View<typeof ZONE_GLANCE>;

const EVERY = 60_000;

export type Glanced = readonly [Resource<Glance>, refresh: () => void];

/** Asked for in one call: a browser makes few at a time, and each panel of the page would wait for those of others. */
export function useGlance(zone: Zone): Glanced {
  return useResource<Glance>(`/postern/v1/zones/${zone.id}/overview`, { on: inZone(zone.id), every: EVERY });
}
