import type { ZoneId } from '../../domain/ids.ts';
import type { TrafficFacts } from '../../domain/traffic.ts';
import type { Analytics } from './collector.ts';

/**
 * What was pulled for each hostname of a zone in the last hour, as it is told before a change. Not known where hostnames
 * had to be let go of: one that is missing may have been asked a lot.
 */
export function lastHour(analytics: Pick<Analytics, 'hostnames'>, zone: ZoneId): TrafficFacts {
  const { hostnames, others } = analytics.hostnames(zone);
  if (others.pulls > 0) return null;
  return new Map(
    hostnames.map(({ hostname, pulls, without, plaintext, refused }) => [
      hostname,
      // Over plain HTTP no certificate is shown either.
      { pulls, withoutCertificate: without + plaintext, refused },
    ]),
  );
}
