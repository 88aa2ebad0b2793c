import type { AccountId, Hostname, Instant, Revision, ZoneId } from './ids.ts';
import type { Limits } from './limits.ts';
import type { Zone } from './zone.ts';

/** What a rule may ask about the world outside the zone. */
export interface Circumstances {
  readonly now: Instant;
  /** The revision that this change will have. */
  readonly revision: Revision;
  /** The newest revision that every edge has in force. */
  readonly applied: Revision;
  /** The zone that a name lies in, if any: its own or the nearest above. */
  readonly holder: (name: Hostname) => Holder | null;
  /** Zones below a name, of any account. */
  readonly below: (name: Hostname) => readonly Holder[];
  /** Whether the zone above a name has records, associations or lists of visitors' CAs at it or below. */
  readonly inhabited: (name: Hostname) => boolean;
  readonly limits: Limits;
}

/** What a rule may know of another zone. */
export interface Holder {
  readonly zone: ZoneId;
  readonly name: Hostname;
  readonly account: AccountId;
  readonly globalPull: boolean;
}

/**
 * The zone below `zone` that a name in it belongs to, or `null` where it is the zone's own. An edge knows each name
 * once, so a zone must not speak for the names of another one.
 */
export function zoneBelow(zone: Zone, name: Hostname, { holder }: Circumstances): Holder | null {
  const found = holder(name);
  return found === null || found.zone === zone.id ? null : found;
}
