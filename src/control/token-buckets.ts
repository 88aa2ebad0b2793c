/** So much in so many seconds. */
export interface RateLimit {
  readonly quota: number;
  readonly window: number;
}

/** What came of asking for a share. */
export interface Share {
  readonly left: number;
  /** Seconds to wait where it is used up; `null` where it is not. */
  readonly wait: number | null;
  /** Seconds until everything is there again. */
  readonly reset: number;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

const MOST = 10_000;

/**
 * Token buckets by key, which fill evenly: whoever used up a limit waits a moment, not the rest of its time. Memory is bounded:
 * the key that was not seen for longest is forgotten first, and begins anew.
 */
export class TokenBuckets {
  readonly limit: RateLimit;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.limit = limit;
  }

  /** Takes so much out of the bucket of a key, where that holds it; else nothing. `now` in milliseconds. */
  take(key: string, now: number, cost = 1): Share {
    const { quota, window } = this.limit;
    const known = this.#buckets.get(key);
    const perSecond = quota / window;
    const filled = known === undefined ? quota : known.left + (Math.max(0, now - known.at) / 1000) * perSecond;
    const before = Math.min(quota, filled);
    const enough = before >= cost;
    const left = enough ? before - cost : before;
    // Deleting first moves the key to the end, so that the first one is the longest unseen.
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, at: now });
    const [oldest] = this.#buckets.size > MOST ? this.#buckets.keys() : [];
    if (oldest !== undefined) this.#buckets.delete(oldest);
    const wait = enough ? null : Math.max(1, Math.ceil((cost - before) / perSecond));
    return { left, wait, reset: Math.ceil((quota - left) / perSecond) };
  }
}
