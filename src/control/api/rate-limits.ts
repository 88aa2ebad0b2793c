import { sourceOf } from '../../wire/networks.ts';
import type { StoredToken } from '../plane.ts';
import { isLoopback } from './host-check.ts';

/** So many requests in so many seconds. */
export interface RateLimit {
  readonly quota: number;
  readonly window: number;
}

export interface RateLimitOptions {
  readonly token: RateLimit | null;
  readonly address: RateLimit | null;
}

/** What to say of a limit in an answer, and how many seconds to wait where it is used up (`null` where not). */
export interface Allowance {
  readonly fields: Readonly<Record<string, string>>;
  readonly wait: number | null;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** What is left to each, by name. */
export type Buckets = Map<string, Bucket>;

interface Share {
  readonly left: number;
  readonly wait: number | null;
  /** Seconds until everything is there again. */
  readonly reset: number;
}

/** Cloudflare's published limits. */
const DEFAULTS: RateLimitOptions = { token: { quota: 1200, window: 300 }, address: { quota: 200, window: 1 } };
const MAX_BUCKETS = 10_000;

/**
 * Limits in token buckets, which fill evenly: whoever used up a limit waits a second, not the rest of five minutes,
 * because clients wait as long as Retry-After says. The bootstrap token on loopback is the operator, who is not limited.
 */
export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #tokens: Buckets = new Map();
  readonly #addresses: Buckets = new Map();

  constructor(options: Partial<RateLimitOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Counts a request at `now` milliseconds. */
  take(token: StoredToken | null, address: string, now: number): Allowance {
    const { token: steady, address: burst } = this.#options;
    const free = token?.bootstrap === true && address !== '' && isLoopback(address);
    const spent = burst === null || free ? FULL : takeShare(this.#addresses, sourceOf(address), { limit: burst, now });
    const held =
      token === null || steady === null || free ? FULL : takeShare(this.#tokens, token.id, { limit: steady, now });
    const wait = spent.wait ?? held.wait;
    if (token !== null) return { fields: steady === null ? {} : fields('default', steady, held), wait };
    return { fields: burst === null ? {} : fields('burst', burst, spent), wait };
  }
}

const FULL: Share = { left: Number.POSITIVE_INFINITY, wait: null, reset: 0 };

interface Taking {
  readonly limit: RateLimit;
  /** Milliseconds. */
  readonly now: number;
  readonly cost?: number;
}

/** Takes its share out of a bucket, where that holds so much; else says how long to wait. */
export function takeShare(buckets: Buckets, key: string, { limit, now, cost = 1 }: Taking): Share {
  const { quota, window } = limit;
  const known = buckets.get(key);
  const perSecond = quota / window;
  const filled = known === undefined ? quota : known.left + (Math.max(0, now - known.at) / 1000) * perSecond;
  const before = Math.min(quota, filled);
  const enough = before >= cost;
  const left = enough ? before - cost : before;
  // Deleting first moves the key to the end, so that the first one is the longest unseen.
  buckets.delete(key);
  buckets.set(key, { left, at: now });
  const [oldest] = buckets.size > MAX_BUCKETS ? buckets.keys() : [];
  if (oldest !== undefined) buckets.delete(oldest);
  const wait = enough ? null : Math.max(1, Math.ceil((cost - before) / perSecond));
  return { left, wait, reset: Math.ceil((quota - left) / perSecond) };
}

/** The fields as Cloudflare writes them: remaining and seconds to reset; quota and window in seconds. */
function fields(name: string, { quota, window }: RateLimit, { left, reset }: Share): Record<string, string> {
  return {
    ratelimit: `"${name}";r=${Math.floor(Math.min(quota, left))};t=${reset}`,
    'ratelimit-policy': `"${name}";q=${quota};w=${window}`,
  };
}
