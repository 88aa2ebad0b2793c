import type { ZoneId } from '../domain/ids.ts';
import { seriesKey } from '../wire/metrics.ts';

/** How many zones have a series of their own. */
export const MOST_ZONES = 1_000;

interface Count {
  passed: number;
  failed: number;
}

/**
 * Requests by zone. The first zones that are asked for get a count of their own and keep it, since a series that went
 * back into `other` would make that one jump; who is asked for most is nearly always among the first.
 */
export class ZoneCounts {
  readonly #zones = new Map<ZoneId, Count>();
  readonly #other: Count = { passed: 0, failed: 0 };

  add(zone: ZoneId, failed: boolean): void {
    const count = this.#zones.get(zone) ?? this.#admit(zone);
    if (failed) count.failed++;
    else count.passed++;
  }

  write(into: Record<string, number>): void {
    const counts: readonly (readonly [string, Count])[] = [...this.#zones, ['other', this.#other]];
    for (const [zone, { passed, failed }] of counts) {
      if (passed > 0) into[seriesKey('zone_requests_total', zone, 'passed')] = passed;
      if (failed > 0) into[seriesKey('zone_requests_total', zone, 'failed')] = failed;
    }
  }

  #admit(zone: ZoneId): Count {
    if (this.#zones.size >= MOST_ZONES) return this.#other;
    const count = { passed: 0, failed: 0 };
    this.#zones.set(zone, count);
    return count;
  }
}
