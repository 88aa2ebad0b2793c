import type { Hostname, ZoneId } from '../domain/ids.ts';
import type { Pulling } from '../pull/door.ts';
import type { Sums } from '../wire/metrics.ts';
import type { HostTraffic, Traffic, ZoneTraffic } from '../wire/traffic.ts';
import { PullSeries } from './pull-series.ts';
import type { ZoneCount, ZoneCounts } from './zone-counts.ts';

/** What one report may hold. What is beyond it is told with the next: late, but not lost. */
const MOST_HOSTNAMES = 1_000;
const MOST_ZONES = 250;
/** So many tallies are kept for those who come again. Beyond that all begin anew, once they are told. */
const KEPT_HOSTNAMES = 100_000;
const KEPT_ZONES = 5_000;

/** What a zone has counted since it was told last. */
class ZoneTally {
  readonly zone: ZoneId;
  readonly series = new PullSeries();
  /** What it has counted since the edge started, where it is among those that have a series of their own. */
  readonly count: ZoneCount;
  changed = false;

  constructor(zone: ZoneId, count: ZoneCount) {
    this.zone = zone;
    this.count = count;
  }

  take(): ZoneTraffic {
    const into: Record<string, number> = {};
    for (const one of this.series.all()) one.take(into);
    this.changed = false;
    return { zone: this.zone, counts: withoutNoughts(into) };
  }
}

/** The same for a hostname, and the tally of its zone, so that a request looks for one of them only. */
class HostTally {
  readonly zone: ZoneTally;
  readonly hostname: Hostname;
  pulls = 0;
  without = 0;
  plaintext = 0;
  refused = 0;
  failed = 0;

  constructor(zone: ZoneTally, hostname: Hostname) {
    this.zone = zone;
    this.hostname = hostname;
  }

  take(): HostTraffic {
    const { zone, hostname, pulls, without, plaintext, refused, failed } = this;
    this.pulls = this.without = this.plaintext = this.refused = this.failed = 0;
    return { zone: zone.zone, hostname, pulls, without, plaintext, refused, failed };
  }
}

/**
 * Pulls by zone and by hostname, as differences: whoever has counted anything stands in a queue until it is told. So no
 * work and no report grows with the number of names that are served, only with the number of those that are visited.
 */
export class TrafficCounts {
  readonly #counts: ZoneCounts;
  readonly #hostnames = new Map<Hostname, HostTally>();
  readonly #zones = new Map<ZoneId, ZoneTally>();
  #changedHostnames: HostTally[] = [];
  #changedZones: ZoneTally[] = [];

  constructor(counts: ZoneCounts) {
    this.#counts = counts;
  }

  /** A pull of this plan has ended. Answers where its zone counts the rest. */
  pulled({ kind, zone, hostname }: Pulling, ended: 'well' | 'refused' | 'failed'): ZoneTally {
    const known = this.#hostnames.get(hostname);
    // A name may have come to another zone.
    const tally = known !== undefined && known.zone.zone === zone ? known : this.#admit(zone, hostname);
    if (tally.pulls === 0) this.#changedHostnames.push(tally);
    tally.pulls++;
    if (kind === 'without') tally.without++;
    else if (kind === 'plaintext') tally.plaintext++;
    if (ended === 'refused') tally.refused++;
    else if (ended === 'failed') tally.failed++;
    return this.#mark(tally.zone);
  }

  /** Where a zone counts what is not a pull. */
  of(zone: ZoneId): PullSeries {
    return this.#mark(this.#zoneTally(zone)).series;
  }

  /** What was counted since the last call, as far as one report may hold it. */
  take(): Traffic {
    const hostnames = this.#changedHostnames.splice(0, MOST_HOSTNAMES).map((tally) => tally.take());
    const zones = this.#changedZones.splice(0, MOST_ZONES).map((tally) => tally.take());
    // Who still waits to be told stands in the queue, whether or not it is found again.
    if (this.#hostnames.size > KEPT_HOSTNAMES) this.#hostnames.clear();
    if (this.#zones.size > KEPT_ZONES) this.#zones.clear();
    return { zones, hostnames };
  }

  #mark(tally: ZoneTally): ZoneTally {
    if (!tally.changed) {
      tally.changed = true;
      this.#changedZones.push(tally);
    }
    return tally;
  }

  #admit(zone: ZoneId, hostname: Hostname): HostTally {
    const made = new HostTally(this.#zoneTally(zone), hostname);
    this.#hostnames.set(hostname, made);
    return made;
  }

  #zoneTally(zone: ZoneId): ZoneTally {
    const known = this.#zones.get(zone);
    if (known !== undefined) return known;
    const made = new ZoneTally(zone, this.#counts.of(zone));
    this.#zones.set(zone, made);
    return made;
  }
}

function withoutNoughts(sums: Sums): Sums {
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
}
