/** Lets so many in at once. The others wait in the order in which they came, and of those with different keys in turn. */
export class Turnstile<Key> {
  #free: number;
  readonly #waiting = new Map<Key, (() => void)[]>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Does the work as soon as there is a place for it. */
  async pass<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#wait(key, resolve));
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #wait(key: Key, enter: () => void): void {
    const queue = this.#waiting.get(key);
    if (queue === undefined) this.#waiting.set(key, [enter]);
    else queue.push(enter);
  }

  // Whoever waits takes over the place; the key goes behind the others.
  #leave(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#free++;
      return;
    }
    const [key, [enter, ...rest]] = first;
    this.#waiting.delete(key);
    if (rest.length > 0) this.#waiting.set(key, rest);
    enter?.();
  }
}

/** Does the work for all items, for so many at once, and answers in their order. */
export async function inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const [at, item] = next.value;
      results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
