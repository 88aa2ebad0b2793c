import type { ZoneId } from '../domain/ids.ts';
import { seriesKey } from '../wire/metrics.ts';

/** How many zones have a series of their own. */
export const MOST_ZONES = 1_000;

/** Requests of a zone that led to an origin. */
export interface ZoneCount {
  passed: number;
  failed: number;
}

/**
 * Requests by zone. The first zones that are asked for get a count of their own and keep it, since a series that went
 * back into `other` would make that one jump; who is asked for most is nearly always among the first.
 */
export class ZoneCounts {
  readonly #zones = new Map<ZoneId, ZoneCount>();
  readonly #other: ZoneCount = { passed: 0, failed: 0 };

  /** What counts for a zone, for as long as the edge runs. */
  of(zone: ZoneId): ZoneCount {
    return this.#zones.get(zone) ?? this.#admit(zone);
  }

  write(into: Record<string, number>): void {
    const counts: readonly (readonly [string, ZoneCount])[] = [...this.#zones, ['other', this.#other]];
    for (const [zone, { passed, failed }] of counts) {
      if (passed > 0) into[seriesKey('zone_requests_total', zone, 'passed')] = passed;
      if (failed > 0) into[seriesKey('zone_requests_total', zone, 'failed')] = failed;
    }
  }

  #admit(zone: ZoneId): ZoneCount {
    if (this.#zones.size >= MOST_ZONES) return this.#other;
    const count = { passed: 0, failed: 0 };
    this.#zones.set(zone, count);
    return count;
  }
}
