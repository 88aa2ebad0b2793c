const SLOTS = 12;
const SLOT = 60_000 / SLOTS;

/** How often something happened in the last minute, give or take a slot of five seconds. Times are monotonic milliseconds. */
export class Recent {
  readonly #cells = new Float64Array(SLOTS);
  /** The slot that was counted in last, since the clock's beginning. */
  #slot = 0;

  add(at: number): void {
    const slot = Math.floor(at / SLOT);
    if (slot > this.#slot) this.#clear(slot);
    const cell = slot % SLOTS;
    this.#cells[cell] = (this.#cells[cell] ?? 0) + 1;
  }

  count(now: number): number {
    const slot = Math.floor(now / SLOT);
    if (slot > this.#slot) this.#clear(slot);
    return this.#cells.reduce((sum, cell) => sum + cell, 0);
  }

  #clear(to: number): void {
    for (let slot = Math.max(this.#slot + 1, to - SLOTS + 1); slot <= to; slot++) this.#cells[slot % SLOTS] = 0;
    this.#slot = to;
  }
}
