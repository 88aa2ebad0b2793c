import type { ServerLimits } from './server-limits.ts';

type Limits = Pick<ServerLimits, 'bodyTimeout' | 'bodyGrace' | 'minBodyRate'>;

/**
 * How long a body may still take: after a time of grace it must have come with a least rate all in all, and it may never
 * pause for too long. A time-out for pauses alone lets one byte a minute hold a connection for days. Times in milliseconds.
 */
export class BodyPace {
  readonly #limits: Limits;
  #since: number;
  #last: number;
  #bytes = 0;
  #heldSince: number | null = null;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.#since = now;
    this.#last = now;
  }

  arrived(bytes: number, now: number): void {
    this.#bytes += bytes;
    this.#last = now;
  }

  /** The sender is held back by us: that time is not its own. */
  held(now: number): void {
    this.#heldSince ??= now;
  }

  released(now: number): void {
    if (this.#heldSince === null) return;
    const lost = now - this.#heldSince;
    this.#since += lost;
    this.#last += lost;
    this.#heldSince = null;
  }

  tooSlow(now: number): boolean {
    if (this.#heldSince !== null) return false;
    const { bodyTimeout, bodyGrace, minBodyRate } = this.#limits;
    const paid = bodyGrace + (this.#bytes / minBodyRate) * 1_000;
    return now - this.#last >= bodyTimeout || now - this.#since >= paid;
  }
}
