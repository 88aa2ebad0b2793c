import type { Socket } from 'node:net';
import type { Scheme } from './messages.ts';

/** A connection that was accepted, of which nobody has read a byte yet. */
export interface Visitor {
  readonly scheme: Scheme;
  readonly socket: Socket;
  /** When it came, on the clock of the reception. */
  readonly since: number;
}

/** A worker, as the reception sees it. */
export interface Desk {
  /** Visitors that it has. */
  readonly visitors: number;
  /** Visitors on their way to it. */
  readonly coming: number;
  /** It has not been heard for a while: somebody else should have the next visitor. */
  readonly silent: boolean;
  readonly give: (visitor: Visitor) => void;
}

/** Bounds of a reception. */
export interface ReceptionLimits {
  /** Visitors that may wait while no worker can take them. */
  readonly waiting: number;
  /** Milliseconds that they may wait. */
  readonly patience: number;
  /** Visitors on their way to one worker: what hangs with it, if it hangs. */
  readonly coming: number;
  /** Visitors of one worker. */
  readonly visitors: number;
}

export const RECEPTION_LIMITS: ReceptionLimits = { waiting: 4_096, patience: 15_000, coming: 16, visitors: 50_000 };

/** Gives each visitor to the least busy worker; while there is none, visitors wait. */
export class Reception {
  readonly #limits: ReceptionLimits;
  readonly #clock: () => number;
  readonly #desks = new Set<Desk>();
  #waiting: Visitor[] = [];
  #turnedAway = 0;

  constructor(limits: ReceptionLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** From now on this worker gets visitors. */
  open(desk: Desk): void {
    this.#desks.add(desk);
    this.next();
  }

  /** From now on it gets none. */
  close(desk: Desk): void {
    this.#desks.delete(desk);
  }

  /** A new visitor. */
  receive(scheme: Scheme, socket: Socket): void {
    const visitor = { scheme, socket, since: this.#clock() };
    const desk = this.#waiting.length === 0 ? this.#leastBusy() : null;
    if (desk !== null) this.#give(desk, visitor);
    else if (this.#waiting.length < this.#limits.waiting) this.#waiting.push(visitor);
    else this.#turnAway(visitor);
  }

  /** Visitors whose worker ended before it took them: they have waited the longest. */
  again(visitors: readonly Visitor[]): void {
    this.#waiting.unshift(...visitors);
    this.next();
  }

  /** A worker may have room now. */
  next(): void {
    while (this.#waiting.length > 0) {
      const desk = this.#leastBusy();
      const visitor = desk === null ? undefined : this.#waiting.shift();
      if (desk === null || visitor === undefined) return;
      this.#give(desk, visitor);
    }
  }

  /** Sends away who has waited too long. Answers how many were sent away since it was asked last. */
  tick(): number {
    const latest = this.#clock() - this.#limits.patience;
    const late = this.#waiting.filter(({ since }) => since < latest);
    if (late.length > 0) this.#waiting = this.#waiting.filter(({ since }) => since >= latest);
    for (const visitor of late) this.#turnAway(visitor);
    const count = this.#turnedAway;
    this.#turnedAway = 0;
    return count;
  }

  /** Sends away everybody who waits. */
  end(): void {
    for (const { socket } of this.#waiting) socket.destroy();
    this.#waiting = [];
  }

  // Among equals the one that has waited the longest is the first of the set.
  #give(desk: Desk, visitor: Visitor): void {
    this.#desks.delete(desk);
    this.#desks.add(desk);
    desk.give(visitor);
  }

  #turnAway({ socket }: Visitor): void {
    this.#turnedAway += 1;
    socket.destroy();
  }

  #leastBusy(): Desk | null {
    let best: Desk | null = null;
    for (const desk of this.#desks) {
      if (desk.coming >= this.#limits.coming || desk.visitors >= this.#limits.visitors) continue;
      if (best === null || isBetter(desk, best)) best = desk;
    }
    return best;
  }
}

function isBetter(desk: Desk, than: Desk): boolean {
  if (desk.silent !== than.silent) return !desk.silent;
  // Who is slow to take visitors is busy, however few it has.
  return desk.coming === than.coming ? desk.visitors < than.visitors : desk.coming < than.coming;
}
