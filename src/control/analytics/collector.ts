import { type Instant, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { AnalyticsSpan } from '../../wire/analytics.ts';
import type { Sums } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import { BusiestHostnames, type HostHour, type HourCounts } from './busiest-hostnames.ts';
import { COARSEST, type Course, Coverage, History } from './history.ts';
import type { StoredStep } from './step-rows.ts';

/** What somebody can ask of what was counted. */
export interface Analytics {
  /** When the counting began, and when it was looked at last. */
  readonly bounds: (zone: ZoneId | null) => Bounds;
  /** What was counted in a span: of a zone, or of all for null. */
  readonly course: (zone: ZoneId | null, last: AnalyticsSpan) => Course;
  /** What the hostnames of a zone were asked in the last hour, or of all zones for null. */
  readonly hostnames: (zone: ZoneId | null) => HostnameHours;
}

interface Bounds {
  readonly since: number;
  readonly until: number;
}

export interface HostnameHours {
  readonly since: number;
  readonly hostnames: readonly HostHour[];
  readonly others: HourCounts;
}

/** How many zones have a history of their own. Each takes up to 150 KB. */
const MOST_ZONES = 500;
/** A zone that counted nothing for so long gives its place to another one. */
const IDLE = 3_600_000;
const SWEEP = 300_000;
/** The longest span that is told of. */
const LONGEST = 7 * 86_400_000;
/** A clock that was put back by more than this makes everything begin anew. */
const MOST_BACK = 900_000;

interface ZoneHistory {
  readonly history: History;
  lastAt: number;
}

/** Takes what edges count apart by time. It has no clock: whoever calls says when it is. */
export class Collector implements Analytics {
  #began: number;
  #until: number;
  #swept: number;
  /** What everything had counted at the last look. Edges start later than this, from nothing. */
  #before: Sums = {};
  #all = new History();
  #coverage = new Coverage();
  #hostnames = new BusiestHostnames();
  /** Since when hostnames are counted: what was stored does not tell them apart. */
  #hostnamesSince: number;
  #listed: readonly HostHour[] | null = null;
  /** The one that counted last stands at the end. */
  #zones = new Map<ZoneId, ZoneHistory>();
  /** Until when a zone was not kept, where it was not. */
  #unkept = new Map<ZoneId, number>();

  constructor(now: Instant) {
    this.#began = this.#until = this.#swept = this.#hostnamesSince = now;
  }

  /** Time has come to `at`: so much is counted in all by now, and this by zones and hostnames since the last call. */
  tick(at: number, totals: Sums, traffic: readonly Traffic[]): void {
    if (at < this.#until - MOST_BACK) this.#beginAnew(at);
    this.#until = Math.max(this.#until, at);
    this.#listed = null;
    this.#coverage.mark(at);
    this.#all.add(at, difference(this.#before, totals));
    this.#before = totals;
    for (const { zones, hostnames } of traffic) {
      for (const { zone, counts } of zones) this.#count(at, zone, counts);
      this.#hostnames.add(at, hostnames);
    }
    if (at < this.#swept + SWEEP) return;
    this.#swept = at;
    this.#hostnames.sweep(at);
    for (const [zone, until] of this.#unkept) if (until < at - LONGEST) this.#unkept.delete(zone);
  }

  /** Takes in what was stored, the oldest first. To be called before the first look. */
  restore(steps: readonly StoredStep[]): void {
    const now = this.#until;
    const recent = steps.filter(({ began }) => began > now - LONGEST && began <= now);
    for (const { began, since, all, zones } of recent) {
      this.#began = Math.min(this.#began, Math.max(began, since));
      this.#coverage.restore(began);
      this.#all.restore(began, all);
      for (const [id, counts] of Object.entries(zones)) {
        const zone = zoneId(id);
        if (zone !== null) this.#zone(began, zone)?.history.restore(began, counts);
      }
    }
  }

  /** What was counted in the longest step that began then, to be stored; nothing where nobody counted. */
  step(began: number): readonly StoredStep[] {
    if (!this.#coverage.within(0)(COARSEST, began / COARSEST.step)) return [];
    const counted = [...this.#zones].map(([zone, { history }]) => [zone, history.step(began)] as const);
    const zones = Object.fromEntries(counted.filter(([, counts]) => Object.keys(counts).length > 0));
    return [{ began, since: this.#began, all: this.#all.step(began), zones }];
  }

  bounds(zone: ZoneId | null): Bounds {
    return { since: Math.max(this.#began, zone === null ? 0 : (this.#unkept.get(zone) ?? 0)), until: this.#until };
  }

  course(zone: ZoneId | null, last: AnalyticsSpan): Course {
    const { since, until } = this.bounds(zone);
    const history = zone === null ? this.#all : (this.#zones.get(zone)?.history ?? new History());
    return history.read(last, until, this.#coverage.within(since));
  }

  hostnames(zone: ZoneId | null): HostnameHours {
    const now = this.#until;
    return {
      since: Math.max(this.#hostnamesSince, BusiestHostnames.since(now)),
      hostnames: zone === null ? this.#everywhere(now) : [...this.#hostnames.all(zone, now)],
      others: this.#hostnames.others(zone, now),
    };
  }

  // Somebody may page through fifty thousand, and several may look at once.
  #everywhere(now: number): readonly HostHour[] {
    this.#listed ??= [...this.#hostnames.all(null, now)];
    return this.#listed;
  }

  #count(at: number, zone: ZoneId, counts: Sums): void {
    this.#zone(at, zone)?.history.add(at, kept(counts));
  }

  /** Where a zone is counted that has counted at this time; `null` where there is no room for it. */
  #zone(at: number, zone: ZoneId): ZoneHistory | null {
    const known = this.#zones.get(zone) ?? this.#admit(at);
    if (known === null) {
      // Not counted: what is told of this zone begins later than this.
      this.#unkept.set(zone, at);
      return null;
    }
    known.lastAt = at;
    this.#zones.delete(zone);
    this.#zones.set(zone, known);
    return known;
  }

  #admit(at: number): ZoneHistory | null {
    if (this.#zones.size >= MOST_ZONES && !this.#makeRoom(at)) return null;
    return { history: new History(), lastAt: at };
  }

  #makeRoom(at: number): boolean {
    const [longest] = this.#zones;
    if (longest === undefined || longest[1].lastAt > at - IDLE) return false;
    this.#zones.delete(longest[0]);
    this.#unkept.set(longest[0], at);
    return true;
  }

  #beginAnew(at: number): void {
    this.#began = this.#until = this.#swept = this.#hostnamesSince = at;
    this.#all = new History();
    this.#coverage = new Coverage();
    this.#hostnames = new BusiestHostnames();
    this.#listed = null;
    this.#zones = new Map();
    this.#unkept = new Map();
  }
}

/** What was counted between two looks. A count that went back began anew, so all of it is new. */
function difference(before: Sums, now: Sums): Sums {
  const counts: Record<string, number> = {};
  for (const [series, value] of Object.entries(kept(now))) {
    const earlier = before[series] ?? 0;
    if (value !== earlier) counts[series] = value >= earlier ? value - earlier : value;
  }
  return counts;
}

/** The metrics that are told of. Sums of times are not: they would overflow a glance, and quantiles need none. */
const KEPT: ReadonlySet<string> = new Set([
  'pulls_total',
  'pull_look_failures_total',
  'pull_connections_total',
  'pull_first_byte_seconds',
  'origin_connects_total',
  'refused_total',
  'redirects_total',
  'body_bytes_total',
  'visitor_handshakes_total',
  'visits_total',
  'limits_simulated_total',
]);

function kept(sums: Sums): Sums {
  return Object.fromEntries(
    Object.entries(sums).filter(([series]) => {
      const [metric = ''] = series.split('|', 1);
      return KEPT.has(metric) && !series.endsWith('|sum');
    }),
  );
}
