import { hostname as machineName } from 'node:os';
import { zoneId } from '../domain/ids.ts';
import type { Site } from '../origin/guard/site.ts';
import type { SendCallers } from '../origin/watch/caller-round.ts';
import type { WatchLine } from '../origin/watch/watch-line.ts';
import { MOST_CALLER_HOSTNAMES } from '../wire/callers.ts';
import type { Log } from '../wire/log.ts';
import type { ApiAccess } from './api.ts';
import { Failure, sentences } from './failure.ts';
import { sendCallers } from './send-callers.ts';
import { TallyReports } from './tally-reports.ts';
import { zoneNamed } from './zone-lookup.ts';

/** Reports who comes to the sites of a guard that watch. */
export interface GuardCallers {
  /** Somebody came to a site that watches. */
  readonly came: (site: Site, line: WatchLine) => void;
  /** Tells what is left, as far as somebody answers. */
  readonly close: () => Promise<void>;
}

const EVERY = 5_000;

/** Begins to report. The guard serves whether anybody answers or not: what cannot be told now is told later. */
export function guardCallers(access: ApiAccess, sites: readonly Site[], log: Log): GuardCallers {
  const zones = [...zonesOf(sites)].map(([zone, hostnames]) => new ZoneCallers(access, { zone, hostnames, log }));
  const report = () => Promise.all(zones.map((zone) => zone.report()));
  const timer = setInterval(() => void report(), EVERY).unref();
  void report();
  return {
    came: (site, line) => zones.find(({ zone }) => zone === site.policy.zone)?.add(line),
    close: async () => {
      clearInterval(timer);
      await report();
    },
  };
}

/** The hostnames that are watched, by what the sites call their zones. Throws a Failure where one names none. */
function zonesOf(sites: readonly Site[]): ReadonlyMap<string, readonly string[]> {
  const zones = new Map<string, string[]>();
  for (const { hostnames, policy } of sites) {
    const { zone, mode } = policy;
    if (mode !== 'watch') continue;
    if (zone === undefined)
      throw new Failure(
        `The site of ${hostnames.join(', ')} names no zone.`,
        'Who comes is told to a zone: give its id (--zone), or its name to a token that may zone:read.',
      );
    zones.set(zone, [...(zones.get(zone) ?? []), ...hostnames]);
  }
  for (const [zone, { length }] of zones)
    if (length > MOST_CALLER_HOSTNAMES)
      throw new Failure(
        `${length} hostnames of ${zone} are watched, and one report takes ${MOST_CALLER_HOSTNAMES}.`,
        'Share them out among several guards, or leave out --api.',
      );
  return zones;
}

interface Reported {
  readonly zone: string;
  readonly hostnames: readonly string[];
  readonly log: Log;
}

class ZoneCallers {
  readonly zone: string;
  readonly #access: ApiAccess;
  readonly #log: Log;
  readonly #reports: TallyReports;
  #send: SendCallers | null = null;
  #said = '';

  constructor(access: ApiAccess, { zone, hostnames, log }: Reported) {
    this.zone = zone;
    this.#access = access;
    this.#log = log;
    this.#reports = new TallyReports({ host: machineName(), lock: 'guard', hostnames, lockNames: null }, () => {
      this.#said = '';
    });
  }

  add(line: WatchLine): void {
    this.#reports.add(line, Date.now());
  }

  async report(): Promise<void> {
    try {
      this.#send ??= await this.#sending();
      await this.#reports.flush(this.#send);
    } catch (error) {
      this.#notTold(sentences(error).text);
    }
  }

  // An id needs no call, so that a token for reports alone will do.
  async #sending(): Promise<SendCallers> {
    const id = zoneId(this.zone.toLowerCase()) ?? (await zoneNamed(this.#access, this.zone)).id;
    return sendCallers(this.#access, id, { told: (why) => this.#notTold(why) });
  }

  // The same again and again says nothing more.
  #notTold(why: string): void {
    if (why !== this.#said) this.#log('guard_callers_not_reported', { zone: this.zone, because: why });
    this.#said = why;
  }
}
