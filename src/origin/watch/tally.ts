import {
  addedCallers,
  type CallerCounts,
  type CallerSlot,
  CALLERS_KEPT,
  mergedExamples,
  NO_CALLERS,
  slotOf,
} from '../../domain/callers.ts';
import { MOST_CALLER_SLOTS } from '../../wire/callers.ts';
import type { WatchLine } from './watch-line.ts';

interface Counting {
  readonly hostname: string;
  readonly at: number;
  counts: CallerCounts;
  /** How often each address came that a lock would refuse. */
  readonly addresses: Map<string, number>;
}

/** Addresses of which one slot keeps count: those that come first. */
const MOST_ADDRESSES = 1_000;
const MOST_ADDRESS = 64;

/** Counts who came to some hostnames, by five minutes. */
export class Tally {
  readonly #hostnames: readonly string[];
  readonly #slots = new Map<string, Counting>();
  /** Lines that were for none of the hostnames, or of longer ago than is kept. */
  passed = 0;

  constructor(hostnames: readonly string[]) {
    this.#hostnames = hostnames;
  }

  /** Counts a line. */
  add(line: WatchLine, now: number): void {
    const hostname = this.#hostnameOf(line);
    const at = slotOf(Math.min(line.at ?? now, now));
    if (hostname === null || at < slotOf(now) - CALLERS_KEPT) {
      this.passed += 1;
      return;
    }
    const key = `${at} ${hostname}`;
    const slot = this.#slots.get(key) ?? { hostname, at, counts: NO_CALLERS, addresses: new Map<string, number>() };
    this.#slots.set(key, slot);
    slot.counts = addedCallers(slot.counts, { ...NO_CALLERS, [line.kind]: 1 });
    if (line.kind !== 'without' && line.kind !== 'foreign') return;
    const address = line.address.slice(0, MOST_ADDRESS);
    if (slot.addresses.has(address) || slot.addresses.size < MOST_ADDRESSES)
      slot.addresses.set(address, (slot.addresses.get(address) ?? 0) + 1);
  }

  /** What was counted, the newest first: as much as one report takes. */
  slots(): readonly CallerSlot[] {
    return [...this.#slots.values()]
      .toSorted((a, b) => b.at - a.at)
      .slice(0, MOST_CALLER_SLOTS)
      .map(({ hostname, at, counts, addresses }) => ({
        hostname,
        at: slotOf(at),
        counts,
        examples: mergedExamples([[...addresses].map(([address, count]) => ({ address, count }))]),
      }));
  }

  // By Host, which chooses what is answered; who names another one is counted where the handshake led.
  #hostnameOf({ host, sni }: WatchLine): string | null {
    const found = [host, sni].flatMap((name) => this.#named(name) ?? []);
    return found[0] ?? null;
  }

  #named(name: string): string | null {
    if (this.#hostnames.includes(name)) return name;
    return this.#hostnames.find((one) => one.startsWith('*.') && name.endsWith(one.slice(1))) ?? null;
  }
}
