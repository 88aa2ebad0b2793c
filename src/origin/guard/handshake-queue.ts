/** A handshake that waits for its turn. */
interface Waiting {
  readonly begin: () => void;
  /** Nobody waits any more: it takes no turn. */
  readonly isGone: () => boolean;
}

/**
 * Begins handshakes one for each turn of the event loop, so that between two of them all is read that has arrived on
 * connections that are in already: a flood of strangers, each of whom costs a signature, must not hold up who has been let
 * in. Addresses take turns, too. How many there are is for who lets them wait to bound.
 */
export class HandshakeQueue {
  readonly #waiting = new Map<string, Waiting[]>();
  #size = 0;
  #pumping = false;

  get size(): number {
    return this.#size;
  }

  enter(address: string, waiting: Waiting): void {
    this.#size++;
    const queue = this.#waiting.get(address);
    if (queue === undefined) this.#waiting.set(address, [waiting]);
    else queue.push(waiting);
    if (!this.#pumping) this.#pump();
  }

  #pump(): void {
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      let next = this.#next();
      while (next?.isGone() === true) next = this.#next();
      if (this.#size > 0) this.#pump();
      next?.begin();
    });
  }

  /** The first of the address whose turn it is; that address goes behind the others. */
  #next(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [address, queue] = first;
    const next = queue.shift();
    this.#size--;
    this.#waiting.delete(address);
    if (queue.length > 0) this.#waiting.set(address, queue);
    return next;
  }
}
