/** A handshake that waits for its turn. */
type Begin = () => void;

/**
 * Begins handshakes one for each turn of the event loop, so that between two of them all is read that has arrived on
 * connections that are in already: a flood of strangers, each of whom costs a signature, must not hold up who has been let
 * in. Addresses take turns, too. Whoever is one too many is told at once.
 */
export class HandshakeQueue {
  readonly #most: number;
  readonly #waiting = new Map<string, Begin[]>();
  #size = 0;
  #pumping = false;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** False where there is no room. */
  enter(address: string, begin: Begin): boolean {
    if (this.#size >= this.#most) return false;
    this.#size++;
    const queue = this.#waiting.get(address);
    if (queue === undefined) this.#waiting.set(address, [begin]);
    else queue.push(begin);
    if (!this.#pumping) this.#pump();
    return true;
  }

  #pump(): void {
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const begin = this.#next();
      if (this.#size > 0) this.#pump();
      begin?.();
    });
  }

  /** The first of the address whose turn it is; that address goes behind the others. */
  #next(): Begin | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [address, queue] = first;
    const begin = queue.shift();
    this.#size--;
    this.#waiting.delete(address);
    if (queue.length > 0) this.#waiting.set(address, queue);
    return begin;
  }
}
