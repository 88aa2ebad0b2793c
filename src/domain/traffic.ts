import type { Hostname } from './ids.ts';

/** What was pulled for one hostname in the last hour. */
export interface HostTraffic {
  readonly pulls: number;
  /** Those of them that showed no client certificate. */
  readonly withoutCertificate: number;
  /** Those that the origin refused. */
  readonly refused: number;
}

/** The same of all hostnames of a zone that were asked for; `null` where nobody counts. */
export type TrafficFacts = ReadonlyMap<Hostname, HostTraffic> | null;

const NONE: HostTraffic = { pulls: 0, withoutCertificate: 0, refused: 0 };

/** What was pulled for these hostnames together; `null` where it is not known. */
export function trafficOf(facts: TrafficFacts, hostnames: Iterable<Hostname>): HostTraffic | null {
  if (facts === null) return null;
  let sum = NONE;
  for (const hostname of hostnames) {
    const { pulls, withoutCertificate, refused } = facts.get(hostname) ?? NONE;
    sum = {
      pulls: sum.pulls + pulls,
      withoutCertificate: sum.withoutCertificate + withoutCertificate,
      refused: sum.refused + refused,
    };
  }
  return sum;
}
