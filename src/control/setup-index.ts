import { type Hostname, hostname, type Instant, instant, type ZoneId, zoneId } from '../domain/ids.ts';
import type { SetupFacts } from '../domain/under-setup.ts';
import type { Store } from './store.ts';
import { damaged } from './stored.ts';

interface Place {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
}

/** Which hostnames are being set up, and how far each is: in memory, because every concern of a lock is judged by it. */
export class SetupIndex {
  readonly #zones = new Map<ZoneId, Map<Hostname, SetupFacts>>();
  readonly #watchers: ((zone: ZoneId) => void)[] = [];

  constructor(setups: readonly (Place & SetupFacts)[]) {
    for (const setup of setups) this.#set(setup);
  }

  of(zone: ZoneId, name: Hostname): SetupFacts | undefined {
    return this.#zones.get(zone)?.get(name);
  }

  /** Calls with the zone after each change of a set-up. */
  watch(watcher: (zone: ZoneId) => void): void {
    this.#watchers.push(watcher);
  }

  put(setup: Place & SetupFacts): void {
    this.#set(setup);
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

  #set({ zone, hostname: name, modified, decided }: Place & SetupFacts): void {
    const own = this.#zones.get(zone) ?? new Map<Hostname, SetupFacts>();
    this.#zones.set(zone, own.set(name, { modified, decided }));
  }

  #tell(zone: ZoneId): void {
    for (const watcher of this.#watchers) watcher(zone);
  }
}

/** All set-ups of the store, without what was chosen. */
export async function loadSetupIndex(store: Store): Promise<SetupIndex> {
  const rows = await store.selectFrom('setups').select(['zone', 'hostname', 'modified_at', 'decided_at']).execute();
  return new SetupIndex(
    rows.map((row) => ({
      zone: zoneId(row.zone) ?? damaged('the id of a zone', row.zone),
      hostname: hostname(row.hostname) ?? damaged('a hostname', row.hostname),
      modified: instant(Number(row.modified_at)),
      decided: moment(row.decided_at),
    })),
  );
}

function moment(at: number | null): Instant | null {
  return at === null ? null : instant(Number(at));
}
