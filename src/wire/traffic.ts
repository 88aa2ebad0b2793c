import type { Hostname, ZoneId } from '../domain/ids.ts';
import type { Sums } from './metrics.ts';

/** What was counted for a zone since it was told last, under the same names as for the whole edge. */
export interface ZoneTraffic {
  readonly zone: ZoneId;
  readonly counts: Sums;
}

/** Pulls for a hostname. Those that failed or were refused are among the pulls. */
export interface HostCounts {
  readonly pulls: number;
  /** Over TLS, with no certificate shown. */
  readonly without: number;
  readonly plaintext: number;
  /** The origin refused what was shown, or that nothing was. */
  readonly refused: number;
  /** For any other reason, broken off answers included. */
  readonly failed: number;
}

/** What was counted for a hostname since it was told last: the name of its record, so none that a visitor can invent. */
export interface HostTraffic extends HostCounts {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
}

/** What an edge has counted since it was asked last: what has changed, and of that no more than it may tell at once. */
export interface Traffic {
  readonly zones: readonly ZoneTraffic[];
  readonly hostnames: readonly HostTraffic[];
}
