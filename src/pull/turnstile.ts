import { nextInTurn, type Shares } from '../domain/next-in-turn.ts';

interface Waiter {
  readonly target: string | null;
  readonly enter: () => void;
}

/** Lets so many in at once, in turn: nobody's many things keep others waiting for all of them. */
export class Turnstile<Party> {
  readonly #shares: Shares;
  /** In the order in which it is their turn. */
  readonly #waiting = new Map<Party, Waiter[]>();
  readonly #by = new Map<Party, number>();
  readonly #at = new Map<string, number>();

  constructor(shares: Shares) {
    this.#shares = shares;
  }

  /** Does the work as soon as there is a place for it. */
  async pass<Result>(party: Party, work: () => Promise<Result>, target: string | null = null): Promise<Result> {
    await new Promise<void>((enter) => {
      const queue = this.#waiting.get(party);
      if (queue === undefined) this.#waiting.set(party, [{ target, enter }]);
      else queue.push({ target, enter });
      this.#letIn();
    });
    try {
      return await work();
    } finally {
      count(this.#by, party, -1);
      if (target !== null) count(this.#at, target, -1);
      this.#letIn();
    }
  }

  #letIn(): void {
    for (;;) {
      const next = nextInTurn(this.#waiting, { by: this.#by, at: this.#at }, this.#shares);
      const queue = next === null ? undefined : this.#waiting.get(next.party);
      if (next === null || queue === undefined) return;
      const [waiter] = queue.splice(next.index, 1);
      this.#waiting.delete(next.party);
      if (queue.length > 0) this.#waiting.set(next.party, queue);
      if (waiter === undefined) return;
      count(this.#by, next.party, 1);
      if (waiter.target !== null) count(this.#at, waiter.target, 1);
      waiter.enter();
    }
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, more: 1 | -1): void {
  const after = (counts.get(key) ?? 0) + more;
  if (after === 0) counts.delete(key);
  else counts.set(key, after);
}
