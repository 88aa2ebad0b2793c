import type { Target } from './target.ts';

/**
 * Which target is next: the addresses in turn, and of each so many at a time. Few targets are so not kept behind the
 * thousands of another address, nor behind one that answers slowly or not at all.
 */
export class AddressTurns {
  readonly #atOnce: number;
  /** What is left at each address, the last first; in the order in which it is their turn. */
  readonly #left = new Map<string, Target[]>();
  readonly #busy = new Map<string, number>();

  constructor(targets: readonly Target[], atOnce: number) {
    this.#atOnce = atOnce;
    for (const [address, own] of Map.groupBy(targets, (target) => target.address))
      this.#left.set(address, own.reverse());
  }

  /** The next one; null where none is left, or all that are wait for others of their address. */
  take(): Target | null {
    for (const [address, left] of this.#left) {
      const busy = this.#busy.get(address) ?? 0;
      const target = busy < this.#atOnce ? left.pop() : undefined;
      if (target === undefined) continue;
      this.#busy.set(address, busy + 1);
      // Whose turn it was comes last again.
      this.#left.delete(address);
      if (left.length > 0) this.#left.set(address, left);
      return target;
    }
    return null;
  }

  /** It is over and done with. */
  done({ address }: Target): void {
    const busy = (this.#busy.get(address) ?? 1) - 1;
    if (busy === 0) this.#busy.delete(address);
    else this.#busy.set(address, busy);
  }
}
