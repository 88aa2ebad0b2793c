import { sourceOf } from '../../wire/networks.ts';

interface Bucket {
  readonly left: number;
  readonly at: number;
}

const CAPACITY = 30;
const PER_SECOND = 1;
const MAX_SOURCES = 10_000;

/**
 * Counts wrong tokens per source address in token buckets. It decides only how a failure is answered (401, or 429 and
 * silence in the log): a valid token always passes, so nobody can lock somebody else out from a shared address.
 * Guessing is hopeless for another reason, the length of the tokens.
 */
export class FailedSignIns {
  readonly #buckets = new Map<string, Bucket>();

  /** Counts a failure. Answers whether this address has had its share for now. `now` in milliseconds. */
  exceeded(address: string, now: number): boolean {
    const source = sourceOf(address);
    const known = this.#buckets.get(source);
    const refilled = known === undefined ? CAPACITY : known.left + (Math.max(0, now - known.at) / 1000) * PER_SECOND;
    const left = Math.min(CAPACITY, refilled) - 1;
    // Deleting first moves the source to the end, so that the first one is the longest unseen.
    this.#buckets.delete(source);
    this.#buckets.set(source, { left: Math.max(0, left), at: now });
    if (this.#buckets.size > MAX_SOURCES) this.#forgetOldest();
    return left < 0;
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
