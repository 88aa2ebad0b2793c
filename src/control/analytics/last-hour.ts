import type { ZoneId } from '../../domain/ids.ts';
import type { TrafficFacts, Visits } from '../../domain/traffic.ts';
import { added, type Sums } from '../../wire/metrics.ts';
import type { Analytics } from './collector.ts';

/** Which edges there are, connected or not, and which of them tell what they count. */
export interface EdgesTelling {
  readonly all: readonly string[];
  readonly telling: ReadonlySet<string>;
}

/**
 * What was counted for a zone in the last hour, as it is told before a change. Nothing is claimed where nobody tells, nor of
 * hostnames where some had to be let go of: one that is missing may have been asked a lot.
 */
export function lastHour(
  analytics: Pick<Analytics, 'bounds' | 'course' | 'hostnames'>,
  zone: ZoneId,
  { all, telling }: EdgesTelling,
): TrafficFacts {
  const silent = all.filter((edge) => !telling.has(edge)).length;
  if (telling.size === 0) return null;
  const { hostnames, others } = analytics.hostnames(zone);
  // After a restart what was counted before is there in longer steps only: by minutes it begins anew.
  const minutes = analytics.course(null, '1h').stretches.filter(({ counts }) => counts !== null).length;
  const [everywhere, here] = [analytics.bounds(null), analytics.bounds(zone)];
  return {
    minutes,
    silent,
    // What was not kept of the zone, nobody can tell.
    visits: here.since > everywhere.since ? null : visitsIn(analytics, zone),
    hostnames:
      others.pulls > 0
        ? null
        : new Map(
            hostnames.map(({ hostname, pulls, without, plaintext, refused }) => [
              hostname,
              // Over plain HTTP no certificate is shown either.
              { pulls, withoutCertificate: without + plaintext, refused },
            ]),
          ),
  };
}

function visitsIn(analytics: Pick<Analytics, 'course'>, zone: ZoneId): Visits {
  const { stretches } = analytics.course(zone, '1h');
  const sums = stretches.reduce<Sums>((all, { counts }) => (counts === null ? all : added(all, counts)), {});
  const sum = (begin: string, end = '') =>
    Object.entries(sums).reduce(
      (all, [series, count]) => (series.startsWith(begin) && series.endsWith(end) ? all + count : all),
      0,
    );
  const oldTls = sum('visits_total|1.2|');
  return {
    requests: sum('visits_total|'),
    overTls: oldTls + sum('visits_total|1.3|'),
    oldTls,
    certified: sum('visits_total|', '|shown'),
    uncertified: sums['refused_total|visitor_certificate_required'] ?? 0,
    strangers: sums['refused_total|visitor_certificate_refused'] ?? 0,
    blocked: sums['refused_total|blocked'] ?? 0,
    limited: sums['refused_total|limited'] ?? 0,
    simulated: sums['limits_simulated_total'] ?? 0,
  };
}
