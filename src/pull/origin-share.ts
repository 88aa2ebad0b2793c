/** A pool, as far as others that lead to the same origin need to know it. Times on the pools' clock. */
export interface Sharer {
  /** Since when its first borrower has waited; `null` where none waits or it may not have more connections anyway. */
  readonly waitingSince: number | null;
  /** Since when its longest idle connection is so; `null` where none is. */
  readonly idleSince: number | null;
  /** Opens a connection for its first borrower. */
  readonly serveNext: () => void;
  /** Closes its longest idle connection. */
  readonly yieldIdle: () => void;
}

/**
 * The connections that one zone may have to one address and port, through all of its pools: each name and identity has a
 * pool of its own, and together they must not overrun the origin. Another zone has a share of its own, else it could shut
 * this one out from an address by filling it.
 */
export class OriginShare {
  readonly #limit: number;
  readonly #sharers = new Set<Sharer>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#taken >= this.#limit;
  }

  /** Nobody shares it and nothing is open. */
  get empty(): boolean {
    return this.#taken === 0 && this.#sharers.size === 0;
  }

  join(sharer: Sharer): void {
    this.#sharers.add(sharer);
  }

  /** What it has open still counts until it is given back. */
  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer);
  }

  /** Takes room for one connection. Where there is none, an idle connection of the pools makes some. */
  take(): boolean {
    if (this.full) this.#longest((sharer) => sharer.idleSince)?.yieldIdle();
    if (this.full) return false;
    this.#taken++;
    return true;
  }

  /** Room for one connection is free again. Whoever has waited longest gets it with `serve`. */
  giveBack(): void {
    this.#taken--;
  }

  serve(): void {
    while (!this.full) {
      const next = this.#longest((sharer) => sharer.waitingSince);
      if (next === undefined) return;
      next.serveNext();
    }
  }

  /** Whether somebody has waited for room for longer than since then. */
  wantedBefore(since: number): boolean {
    const waiting = this.full ? this.#longest((sharer) => sharer.waitingSince)?.waitingSince : undefined;
    return waiting !== undefined && waiting !== null && waiting < since;
  }

  #longest(since: (sharer: Sharer) => number | null): Sharer | undefined {
    let longest: Sharer | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const sharer of this.#sharers) {
      const at = since(sharer) ?? Number.POSITIVE_INFINITY;
      if (at < earliest) [longest, earliest] = [sharer, at];
    }
    return longest;
  }
}
