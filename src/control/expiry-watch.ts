import type { Instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import type { PlaneEvent } from './event-ring.ts';

const DAY = 86_400_000;
/** How long before their end certificates are spoken of, as at Cloudflare; and once more when it is over. */
const WARNINGS = [0, 14 * DAY, 30 * DAY];

/**
 * Says of each uploaded certificate when its end comes near, once for each warning. Those that renew themselves are not
 * spoken of. `said` remembers, and is the caller's.
 */
export function endingCertificates(zones: Iterable<Zone>, now: Instant, said: Set<string>): readonly PlaneEvent[] {
  const events: PlaneEvent[] = [];
  for (const zone of zones) {
    for (const { id, level, leaf, source, wish } of zone.certificates.values()) {
      const warning = WARNINGS.find((days) => leaf.notAfter - now <= days);
      const key = `${id} ${warning}`;
      if (source !== 'uploaded' || wish.kind !== 'deploy' || warning === undefined || said.has(key)) continue;
      said.add(key);
      const { notAfter } = leaf;
      const where = { zone: zone.id, account: zone.account, zoneName: zone.name };
      events.push({ kind: 'certificate_ending', ...where, certificate: id, level, notAfter });
    }
  }
  return events;
}
