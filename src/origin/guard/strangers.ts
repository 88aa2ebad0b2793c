/** Within this many milliseconds an honest caller is through its handshake, also where others are before it. */
const A_WHILE = 1_000;

/**
 * Who is not let in yet, and may be anybody: how many there are is bounded apart from those who are let in. Beyond that the
 * address with most of them makes room by the oldest one, so that silence takes nobody's place for long.
 */
export class Strangers<T> {
  readonly #most: number;
  readonly #of = new Map<string, Map<T, number>>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes one in. Answers who has to go for it, and `null` where there is room: the newcomer itself in a rush of its own. */
  enter(one: T, address: string, now: number): T | null {
    const own = this.#of.get(address) ?? new Map<T, number>();
    this.#of.set(address, own.set(one, now));
    this.#size++;
    if (this.#size <= this.#most) return null;
    const busiest = [...this.#of.values()].reduce((most, other) => (other.size > most.size ? other : most));
    const [[oldest, since] = [one, now]] = busiest;
    return busiest === own && now - since < A_WHILE ? one : oldest;
  }

  /** One is let in, or has gone. */
  leave(one: T, address: string): void {
    const own = this.#of.get(address);
    if (own?.delete(one) !== true) return;
    this.#size--;
    if (own.size === 0) this.#of.delete(address);
  }
}
