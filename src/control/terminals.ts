import { type AskedSetup, askedOn, HEARD_FOR, type Terminal, terminalOf } from '../domain/asked-at-terminal.ts';
import type { Hostname, Instant, ZoneId } from '../domain/ids.ts';
import type { ControlState } from './control-state.ts';
import type { SetupIndex } from './setup-index.ts';

/** A report of callers, as far as this asks. */
interface Heard extends Pick<Terminal, 'host' | 'lock'> {
  readonly hostnames: readonly Hostname[];
  /** Id of the token that reports. */
  readonly token: string;
  /** The running command, where it can ask a person at its terminal. */
  readonly terminal: { readonly command: string; readonly state: Terminal['state'] | 'declined' } | undefined;
}

/** What comes of it. */
interface TerminalHeard {
  /** When it was decided that the lock of who reports shall enforce; `null` where nobody is to be asked there. */
  readonly askedOn: Instant | null;
  /** It has done so, and says that for the first time. */
  readonly hasEnforced: boolean;
}

const NOTHING: TerminalHeard = { askedOn: null, hasEnforced: false };

/**
 * Commands at origins that can ask a person to enforce. Nothing is carried out from here: they are told that it was decided,
 * and the person at the terminal says yes or no. It is kept in memory: each is heard of again within seconds.
 */
export interface TerminalKeeping {
  readonly heardTerminal: (zone: ZoneId, heard: Heard) => TerminalHeard;
  /** The command that asks, or would ask, for the lock of a set-up. */
  readonly setupTerminal: (zone: ZoneId, setup: AskedSetup) => Pick<Terminal, 'host' | 'lock' | 'state'> | null;
}

/** How many are remembered for a zone, and of them for one token: further ones are asked by hand. */
const MOST = 32;
const MOST_OF_TOKEN = 8;

interface Known extends Terminal {
  readonly token: string;
}

type Kept = readonly [key: string, known: Known];

export function terminalKeeping({ clock, zones: held }: ControlState, setups: SetupIndex): TerminalKeeping {
  const zones = new Map<ZoneId, ReadonlyMap<string, Known>>();
  held.watch((zone) => {
    if (held.index.get(zone) === undefined) zones.delete(zone);
  });
  return {
    heardTerminal: (zone, { host, lock, hostnames, token, terminal: told }) => {
      // Another report of the same lock says nothing of it.
      if (told === undefined) return NOTHING;
      const { command, state } = told;
      const now = clock();
      // By the command, which nobody else knows: another that names the same machine and lock neither ends it nor speaks for it.
      const key = JSON.stringify([token, command]);
      const before = zones.get(zone)?.get(key);
      const others = othersOf([...(zones.get(zone) ?? [])], { key, token, now });
      if (state === 'declined' || hasNoRoom(others, token)) {
        put(zones, zone, others);
        return NOTHING;
      }
      const terminal = { host, lock, hostnames, token, state, at: now, since: before?.since ?? now };
      put(zones, zone, [...others, [key, terminal]]);
      const asked = askedOn(terminal, setups.ofZone(zone), now);
      const isNews = state === 'enforced' && before?.state !== 'enforced';
      return { askedOn: asked, hasEnforced: isNews && asked !== null };
    },
    setupTerminal: (zone, setup) => {
      const found = terminalOf(setup, [...(zones.get(zone)?.values() ?? [])], clock());
      return found === null ? null : { host: found.host, lock: found.lock, state: found.state };
    },
  };
}

/** One that lost its way to here for a while is still the same, as long as there is room. */
const FORGOTTEN = 10 * 60_000;

interface Own {
  readonly key: string;
  readonly token: string;
  readonly now: Instant;
}

function othersOf(kept: readonly Kept[], { key, token, now }: Own): readonly Kept[] {
  const others = kept.filter(([other, { at }]) => other !== key && now - at < FORGOTTEN);
  if (!hasNoRoom(others, token)) return others;
  return others.filter(([, { at }]) => now - at <= HEARD_FOR);
}

function hasNoRoom(others: readonly Kept[], token: string): boolean {
  return others.length >= MOST || others.filter(([, known]) => known.token === token).length >= MOST_OF_TOKEN;
}

function put(zones: Map<ZoneId, ReadonlyMap<string, Known>>, zone: ZoneId, known: readonly Kept[]): void {
  if (known.length === 0) zones.delete(zone);
  else zones.set(zone, new Map(known));
}
