import type { Instant } from '../domain/ids.ts';
import { ceremonyDue } from '../domain/rotation-due.ts';
import type { Zone } from '../domain/zone.ts';
import type { Log } from './log.ts';

const DAY = 86_400_000;
/** How long before the end it is spoken of, and once more when it is over. */
const WARNINGS = [0, 14 * DAY, 30 * DAY];

interface Watched {
  readonly zones: Iterable<Zone>;
  readonly now: Instant;
  readonly log: Log;
  /** When the newest list of a zone's root ends. */
  readonly listUntil: (zone: Zone) => Promise<Instant | null>;
  /** Remembers what was said, and is the caller's. */
  readonly said: Set<string>;
}

/**
 * Writes to the log what zones whose root's key is away need a ceremony for: a list that ends, and CAs whose time has come.
 * Nothing of that is a failure: only their owners can do it. Each warning once.
 */
export async function watchCeremonies({ zones, now, log, listUntil, said }: Watched): Promise<void> {
  const news = (what: string): boolean => !said.has(what) && said.add(what).size > 0;
  for (const zone of zones) {
    if (zone.authority.rootKey === 'here') continue;
    const about = { zone: zone.id, zone_name: zone.name };
    const until = await listUntil(zone);
    const warning = until === null ? undefined : WARNINGS.find((days) => until - now <= days);
    if (until !== null && warning !== undefined && news(`${zone.id} list ${until} ${warning}`)) {
      log('root_list_ending', { ...about, expires_on: new Date(until).toISOString() });
    }
    const due = ceremonyDue(zone, now);
    if (due === null) continue;
    const { subject, fingerprint, notAfter } = zone.authority[due];
    const near = WARNINGS.find((days) => notAfter - now <= days) ?? 'due';
    if (!news(`${zone.id} ${fingerprint} ${near}`)) continue;
    log('authority_ending', { ...about, what: due, subject, expires_on: new Date(notAfter).toISOString() });
  }
}
