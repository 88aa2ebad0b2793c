import { type Hostname, hostname, type Instant, type ZoneId } from '../domain/ids.ts';
import type { AskedSetup } from '../domain/asked-at-terminal.ts';
import { type Decision, glancesUntil } from '../domain/lock-glance.ts';
import type { SetupStanding } from '../domain/under-setup.ts';
import { readAllSetups, type ZoneSetup } from './setup-rows.ts';
import type { Store } from './store.ts';

interface Place {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
}

/** A set-up, with the names that are locked with its own. */
interface SetupOf extends Place, SetupStanding, AskedSetup {}

/** Which hostnames are being set up, and how far each is: in memory, because every concern of a lock is judged by it. */
export class SetupIndex {
  readonly #zones = new Map<ZoneId, Map<Hostname, SetupOf>>();
  readonly #watchers: ((zone: ZoneId) => void)[] = [];

  constructor(setups: readonly SetupOf[]) {
    for (const setup of setups) this.#set(setup);
  }

  /** The set-up of a hostname: its own, or else the one that was changed last of those that lock it with another. */
  of(zone: ZoneId, name: Hostname): SetupStanding | undefined {
    const all = this.#zones.get(zone);
    const own = all?.get(name);
    if (all === undefined || own !== undefined) return own;
    return [...all.values()]
      .filter(({ others }) => others.includes(name))
      .toSorted((a, b) => b.modified - a.modified)
      .at(0);
  }

  /** All that are under way in a zone. */
  ofZone(zone: ZoneId): readonly AskedSetup[] {
    return [...(this.#zones.get(zone)?.values() ?? [])];
  }

  /** Zones in which it was decided since then that strangers are refused. */
  decidedSince(since: Instant): readonly ZoneId[] {
    const isSo = ({ decided }: SetupOf) => decided !== null && decided >= since;
    return [...this.#zones].flatMap(([zone, setups]) => ([...setups.values()].some(isSo) ? [zone] : []));
  }

  /** Those of all zones whose decision somebody may be carrying out now. */
  decisions(now: Instant): readonly Decision[] {
    const found: Decision[] = [];
    for (const all of this.#zones.values())
      for (const { zone, hostname: own, others, decided, modified } of all.values())
        if (decided !== null && glancesUntil({ decided, modified }, now) !== null)
          found.push({ zone, hostnames: [own, ...others], decided });
    return found;
  }

  /** Calls with the zone after each change of a set-up. */
  watch(watcher: (zone: ZoneId) => void): void {
    this.#watchers.push(watcher);
  }

  put(setup: ZoneSetup): void {
    this.#set(indexed(setup));
    this.#tell(setup.zone);
  }

  drop({ zone, hostname: name }: Place): void {
    this.#zones.get(zone)?.delete(name);
    this.#tell(zone);
  }

  /** The zone was deleted. */
  forget(zone: ZoneId): void {
    this.#zones.delete(zone);
  }

  #set(setup: SetupOf): void {
    const own = this.#zones.get(setup.zone) ?? new Map<Hostname, SetupOf>();
    this.#zones.set(setup.zone, own.set(setup.hostname, setup));
  }

  #tell(zone: ZoneId): void {
    for (const watcher of this.#watchers) watcher(zone);
  }
}

/** All set-ups of the store. */
export async function loadSetupIndex(store: Store): Promise<SetupIndex> {
  return new SetupIndex((await readAllSetups(store)).map(indexed));
}

function indexed({ zone, hostname: name, modified, configured, decided, choices }: ZoneSetup): SetupOf {
  const others = (choices.other_names ?? []).flatMap((text) => hostname(text) ?? []);
  return { zone, hostname: name, modified, configured, decided, others };
}
