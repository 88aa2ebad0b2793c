import type { Hostname } from '../../domain/ids.ts';
import type { ZoneCall } from './route.ts';

/** Has locks looked at before all others. Nobody waits for it: whoever looks at the page sees what came of it, and may ask again. */
export function lookSoon(hostnames: readonly Hostname[], { plane, zone }: Pick<ZoneCall, 'plane' | 'zone'>): void {
  for (const hostname of hostnames) void plane.attestNow(zone.id, hostname).catch(() => undefined);
}
