import type { Hostname, Instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import type { PlaneEvent } from './event-ring.ts';
import type { Log } from './log.ts';

const DAY = 86_400_000;
/** How long before their end certificates are spoken of, as at Cloudflare; and once more when it is over. */
const WARNINGS = [0, 14 * DAY, 30 * DAY];

/** What is said of a certificate that ends soon, or has ended. */
export type EndingEvent = Extract<PlaneEvent, { kind: 'certificate_ending' | 'visitor_authority_ending' }>;

/**
 * Says of each uploaded certificate, and of each CA that hostnames ask their visitors for, when its end comes near: once
 * for each warning. Those that renew themselves are not spoken of. `said` remembers, and is the caller's.
 */
export function endingCertificates(zones: Iterable<Zone>, now: Instant, said: Set<string>): readonly EndingEvent[] {
  const news = (what: string, notAfter: Instant): boolean => {
    const warning = WARNINGS.find((days) => notAfter - now <= days);
    const key = `${what} ${warning}`;
    if (warning === undefined || said.has(key)) return false;
    said.add(key);
    return true;
  };
  const events: EndingEvent[] = [];
  for (const zone of zones) {
    const where = { zone: zone.id, account: zone.account, zoneName: zone.name };
    for (const { id, level, leaf, source, wish } of zone.certificates.values()) {
      if (source !== 'uploaded' || wish.kind !== 'deploy' || !news(id, leaf.notAfter)) continue;
      events.push({ kind: 'certificate_ending', ...where, certificate: id, level, notAfter: leaf.notAfter });
    }
    for (const { fingerprint, subject, notAfter, hostnames } of visitorAuthorities(zone)) {
      if (!news(`${zone.id} ${fingerprint}`, notAfter)) continue;
      events.push({ kind: 'visitor_authority_ending', ...where, hostnames, subject, fingerprint, notAfter });
    }
  }
  return events;
}

interface Listed {
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: Instant;
  readonly hostnames: readonly Hostname[];
}

/** Each CA that a zone asks its visitors for, with all hostnames that do. */
function visitorAuthorities(zone: Zone): Iterable<Listed> {
  const listed = new Map<string, Listed>();
  for (const { hostname, certificates } of zone.visitorAuthorities.values()) {
    for (const { fingerprint, subject, notAfter } of certificates) {
      const hostnames = [...(listed.get(fingerprint)?.hostnames ?? []), hostname];
      listed.set(fingerprint, { fingerprint, subject, notAfter, hostnames });
    }
  }
  return listed.values();
}

/** Writes to the log what is said to listeners. */
export function logEnding(log: Log, event: EndingEvent): void {
  const { zone, zoneName, notAfter } = event;
  const about = { zone, zone_name: zoneName, expires_on: new Date(notAfter).toISOString() };
  if (event.kind === 'certificate_ending') {
    log(event.kind, { ...about, certificate: event.certificate, level: event.level });
  } else {
    const { hostnames, subject, fingerprint } = event;
    log(event.kind, { ...about, hostnames: hostnames.join(', '), subject, fingerprint });
  }
}
