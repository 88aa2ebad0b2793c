import {
  addedCallers,
  type CallerCounts,
  type CallerSlot,
  CALLERS_KEPT,
  type CountedSlot,
  mergedExamples,
  NO_CALLERS,
  slotOf,
} from '../../domain/callers.ts';
import { MOST_CALLER_SLOTS, MOST_OTHER_SLOTS } from '../../wire/callers.ts';
import type { WatchLine } from './watch-line.ts';

interface Counting {
  /** `null` for names that are none of the lock's. */
  readonly hostname: string | null;
  readonly at: number;
  counts: CallerCounts;
  /** How often each address came that a lock would refuse. */
  readonly addresses: Map<string, number>;
}

/** Addresses of which one slot keeps count: those that come first. */
const MOST_ADDRESSES = 1_000;
const MOST_ADDRESS = 64;

/** Whose requests are counted. */
export interface Counted {
  readonly hostnames: readonly string[];
  /**
   * All names of the lock that is watched: who comes by none of them is refused too once it enforces, and is counted apart.
   * `null` where only the lock's own names reach it.
   */
  readonly lockNames: readonly string[] | null;
}

/** Counts who came to some hostnames, by five minutes, and who came to the same lock by no name of it. */
export class Tally {
  readonly #counted: Counted;
  readonly #slots = new Map<string, Counting>();
  /** Lines that count for nothing, or of longer ago than is kept. */
  passed = 0;

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  /** Counts a line. */
  add(line: WatchLine, now: number): void {
    const hostname = hostnameOf(line, this.#counted.hostnames);
    const at = slotOf(Math.min(line.at ?? now, now));
    if ((hostname === null && !this.#isByOther(line)) || at < slotOf(now) - CALLERS_KEPT) {
      this.passed += 1;
      return;
    }
    const key = `${at} ${hostname ?? ''}`;
    const slot = this.#slots.get(key) ?? { hostname, at, counts: NO_CALLERS, addresses: new Map<string, number>() };
    this.#slots.set(key, slot);
    slot.counts = addedCallers(slot.counts, { ...NO_CALLERS, [line.kind]: 1 });
    if (line.kind !== 'without' && line.kind !== 'foreign') return;
    const address = line.address.slice(0, MOST_ADDRESS);
    if (slot.addresses.has(address) || slot.addresses.size < MOST_ADDRESSES)
      slot.addresses.set(address, (slot.addresses.get(address) ?? 0) + 1);
  }

  /** What was counted of the hostnames, the newest first: as much as one report takes. */
  slots(): readonly CallerSlot[] {
    return this.#newest()
      .flatMap(({ hostname, ...slot }) => (hostname === null ? [] : [{ hostname, ...slot }]))
      .slice(0, MOST_CALLER_SLOTS);
  }

  /** The same of those who came by no name of the lock. */
  others(): readonly CountedSlot[] {
    return this.#newest()
      .flatMap(({ hostname, ...slot }) => (hostname === null ? [slot] : []))
      .slice(0, MOST_OTHER_SLOTS);
  }

  #newest() {
    return [...this.#slots.values()]
      .toSorted((a, b) => b.at - a.at)
      .map(({ hostname, at, counts, addresses }) => ({
        hostname,
        at: slotOf(at),
        counts,
        examples: mergedExamples([[...addresses].map(([address, count]) => ({ address, count }))]),
      }));
  }

  // Looks of our own try other names on purpose, and say nothing of who would be missed.
  #isByOther(line: WatchLine): boolean {
    const { lockNames } = this.#counted;
    return lockNames !== null && line.ofLock && line.kind !== 'looks' && hostnameOf(line, lockNames) === null;
  }
}

// By Host, which chooses what is answered; who names another one is counted where the handshake led.
function hostnameOf({ host, sni }: WatchLine, hostnames: readonly string[]): string | null {
  const found = [host, sni].flatMap((name) => named(name, hostnames) ?? []);
  return found[0] ?? null;
}

function named(name: string, hostnames: readonly string[]): string | null {
  if (hostnames.includes(name)) return name;
  return hostnames.find((one) => one.startsWith('*.') && name.endsWith(one.slice(1))) ?? null;
}
