import type { Hostname, ZoneId } from '../../domain/ids.ts';
import type { HostCounts, HostTraffic } from '../../wire/traffic.ts';

/** What was counted in the last hour. */
export type HourCounts = HostCounts;

/** A hostname with what it was asked in the last hour. */
export interface HostHour extends HourCounts {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
  /** When it was asked last, to the second or so. */
  readonly lastAt: number;
}

/** How many hostnames are kept. */
const MOST_HOSTNAMES = 50_000;
/** So many more may come before the least busy are let go: looking for them costs more than keeping them a while. */
const SPARE = 5_000;

const SLOT = 300_000;
const SLOTS = 12;
const FIELDS = ['pulls', 'without', 'plaintext', 'refused', 'failed'] as const satisfies readonly (keyof HostCounts)[];

/** Counts of an hour, in slots of five minutes; behind them stands the sum of all, so that nobody has to add them up. */
class Hour {
  readonly #cells = new Uint32Array((SLOTS + 1) * FIELDS.length);
  #newest = 0;
  lastAt = 0;

  add(at: number, counts: HostCounts): void {
    const slot = this.#turn(Math.floor(at / SLOT)) % SLOTS;
    this.lastAt = Math.max(this.lastAt, at);
    for (const [field, name] of FIELDS.entries()) {
      this.#change(slot, field, counts[name]);
      this.#change(SLOTS, field, counts[name]);
    }
  }

  read(now: number): HourCounts {
    this.#turn(Math.floor(now / SLOT));
    const sum = (field: number) => this.#cells[SLOTS * FIELDS.length + field] ?? 0;
    return { pulls: sum(0), without: sum(1), plaintext: sum(2), refused: sum(3), failed: sum(4) };
  }

  #turn(slot: number): number {
    for (let one = Math.max(this.#newest + 1, slot - SLOTS + 1); one <= slot; one++) this.#clear(one % SLOTS);
    this.#newest = Math.max(this.#newest, slot);
    return this.#newest;
  }

  #clear(slot: number): void {
    for (let field = 0; field < FIELDS.length; field++) {
      const count = this.#cells[slot * FIELDS.length + field] ?? 0;
      this.#change(slot, field, -count);
      this.#change(SLOTS, field, -count);
    }
  }

  #change(slot: number, field: number, by: number): void {
    const place = slot * FIELDS.length + field;
    this.#cells[place] = (this.#cells[place] ?? 0) + by;
  }
}

interface ZoneHour {
  readonly hostnames: Map<Hostname, Hour>;
  /** Of hostnames that were let go. */
  readonly others: Hour;
}

/** What each hostname was asked in the last hour: of the busiest by itself, of the others of a zone together. */
export class BusiestHostnames {
  readonly #zones = new Map<ZoneId, ZoneHour>();
  readonly #most: number;
  readonly #spare: number;
  #size = 0;

  constructor(most = MOST_HOSTNAMES, spare = SPARE) {
    this.#most = most;
    this.#spare = spare;
  }

  /** When the hour begins of which is told at a time: what is older is forgotten five minutes at once. */
  static since(now: number): number {
    return (Math.floor(now / SLOT) - SLOTS + 1) * SLOT;
  }

  add(at: number, traffic: readonly HostTraffic[]): void {
    for (const { zone, hostname, ...counts } of traffic) this.#hour(zone, hostname).add(at, counts);
    if (this.#size > this.#most + this.#spare) this.#letGo(at);
  }

  /** Those of a zone that were asked in the last hour, or of all zones for null. */
  *all(of: ZoneId | null, now: number): Iterable<HostHour> {
    for (const [zone, { hostnames }] of this.#of(of)) {
      for (const [hostname, hour] of hostnames) {
        const counts = hour.read(now);
        if (counts.pulls === 0) continue;
        const { pulls, without, plaintext, refused, failed } = counts;
        // Written out: spreading takes ten times as long, and there may be fifty thousand.
        yield { zone, hostname, pulls, without, plaintext, refused, failed, lastAt: hour.lastAt };
      }
    }
  }

  /** What hostnames that are not kept were asked, together. */
  others(of: ZoneId | null, now: number): HourCounts {
    return together(this.#of(of).map(([, { others }]) => others.read(now)));
  }

  /** Forgets what was not asked in the last hour. To be called now and then. */
  sweep(now: number): void {
    for (const [zone, { hostnames, others }] of this.#zones) {
      for (const [hostname, hour] of hostnames) {
        if (hour.read(now).pulls > 0) continue;
        hostnames.delete(hostname);
        this.#size--;
      }
      if (hostnames.size === 0 && others.read(now).pulls === 0) this.#zones.delete(zone);
    }
  }

  #of(zone: ZoneId | null): readonly (readonly [ZoneId, ZoneHour])[] {
    if (zone === null) return [...this.#zones];
    const known = this.#zones.get(zone);
    return known === undefined ? [] : [[zone, known]];
  }

  #hour(zone: ZoneId, hostname: Hostname): Hour {
    const of = this.#zones.get(zone) ?? { hostnames: new Map<Hostname, Hour>(), others: new Hour() };
    this.#zones.set(zone, of);
    const known = of.hostnames.get(hostname);
    if (known !== undefined) return known;
    const made = new Hour();
    of.hostnames.set(hostname, made);
    this.#size++;
    return made;
  }

  /** Lets go of the least busy, so that there is room again. */
  #letGo(now: number): void {
    this.sweep(now);
    const known = [...this.all(null, now)].toSorted((one, other) => one.pulls - other.pulls);
    for (const { zone, hostname, lastAt: _, ...counts } of known.slice(0, Math.max(0, this.#size - this.#most))) {
      const of = this.#zones.get(zone);
      // For an hour from now on: when they were asked is no longer known.
      of?.others.add(now, counts);
      of?.hostnames.delete(hostname);
      this.#size--;
    }
  }
}

/** All counts together. */
export function together(all: Iterable<HourCounts>): HourCounts {
  let [pulls, without, plaintext, refused, failed] = [0, 0, 0, 0, 0];
  for (const one of all) {
    pulls += one.pulls;
    without += one.without;
    plaintext += one.plaintext;
    refused += one.refused;
    failed += one.failed;
  }
  return { pulls, without, plaintext, refused, failed };
}
