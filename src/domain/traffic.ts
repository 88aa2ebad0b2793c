import type { Hostname } from './ids.ts';

/** What was pulled for one hostname in the last hour. */
export interface HostTraffic {
  readonly pulls: number;
  /** Those of them that showed no client certificate. */
  readonly withoutCertificate: number;
  /** Those that the origin refused. */
  readonly refused: number;
}

/** What the visitors of a zone asked for in the last hour, all of it together. */
export interface Visits {
  readonly requests: number;
  /** Those of them over TLS. */
  readonly overTls: number;
  /** Those over TLS 1.2, the oldest that the edge speaks. */
  readonly oldTls: number;
  /** Those by visitors that showed a certificate. */
  readonly certified: number;
  /** Turned away, because no certificate was shown where one is asked for. */
  readonly uncertified: number;
  /** Turned away, because the certificate that was shown is none of the CAs that are believed. */
  readonly strangers: number;
  /** Turned away by an access rule. */
  readonly blocked: number;
  /** Turned away by a rate limit. */
  readonly limited: number;
  /** How often a limit that simulates would have begun to turn a visitor away. */
  readonly simulated: number;
}

/** What the edges counted for a zone. */
export interface Counted {
  /** How many of the minutes of the last hour were counted. */
  readonly minutes: number;
  /** Edges that do not tell what they count. */
  readonly silent: number;
  /** By hostname; `null` where there were too many to count each apart. */
  readonly hostnames: ReadonlyMap<Hostname, HostTraffic> | null;
  /** `null` where the zone is not among those that are counted apart. */
  readonly visits: Visits | null;
}

/** The same; `null` where nobody counts. */
export type TrafficFacts = Counted | null;

const NONE: HostTraffic = { pulls: 0, withoutCertificate: 0, refused: 0 };

/** What is told of an hour is forgotten by up to five minutes at once: more than that is no better. */
const NEARLY_AN_HOUR = 55;

/** What was pulled for these hostnames together; `null` where it is not known. */
export function trafficOf(facts: TrafficFacts, hostnames: Iterable<Hostname>): HostTraffic | null {
  if (facts === null || facts.hostnames === null) return null;
  let sum = NONE;
  for (const hostname of hostnames) {
    const { pulls, withoutCertificate, refused } = facts.hostnames.get(hostname) ?? NONE;
    sum = {
      pulls: sum.pulls + pulls,
      withoutCertificate: sum.withoutCertificate + withoutCertificate,
      refused: sum.refused + refused,
    };
  }
  return sum;
}

/** Whether it is of less than an hour: nobody counted before, or for a while. */
export function isYoung({ minutes }: Pick<Counted, 'minutes'>): boolean {
  return minutes < NEARLY_AN_HOUR;
}

/** Whether there may have been more than was counted. */
export function isPartial(facts: Counted): boolean {
  return facts.silent > 0 || isYoung(facts);
}
