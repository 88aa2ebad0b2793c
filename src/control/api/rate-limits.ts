import { sourceOf } from '../../wire/networks.ts';
import type { StoredToken } from '../token.ts';
import { type RateLimit, type Share, TokenBuckets } from '../token-buckets.ts';
import { isLoopback } from './host-check.ts';

export interface RateLimitOptions {
  readonly token: RateLimit | null;
  readonly address: RateLimit | null;
}

/** What to say of a limit in an answer, and how many seconds to wait where it is used up (`null` where not). */
export interface Allowance {
  readonly fields: Readonly<Record<string, string>>;
  readonly wait: number | null;
}

/** Cloudflare's published limits. */
const DEFAULTS: RateLimitOptions = { token: { quota: 1200, window: 300 }, address: { quota: 200, window: 1 } };

/**
 * Limits in token buckets, which fill evenly: whoever used up a limit waits a second, not the rest of five minutes,
 * because clients wait as long as Retry-After says. The bootstrap token on loopback is the operator, who is not limited.
 */
export class RateLimits {
  readonly #tokens: TokenBuckets | null;
  readonly #addresses: TokenBuckets | null;

  constructor(options: Partial<RateLimitOptions> = {}) {
    const { token, address } = { ...DEFAULTS, ...options };
    this.#tokens = token === null ? null : new TokenBuckets(token);
    this.#addresses = address === null ? null : new TokenBuckets(address);
  }

  /** Counts a request at `now` milliseconds. */
  take(token: StoredToken | null, address: string, now: number): Allowance {
    const [steady, burst] = [this.#tokens, this.#addresses];
    const free = token?.bootstrap === true && address !== '' && isLoopback(address);
    const spent = burst === null || free ? FULL : burst.take(sourceOf(address), now);
    const held = token === null || steady === null || free ? FULL : steady.take(token.id, now);
    const wait = spent.wait ?? held.wait;
    if (token !== null) return { fields: steady === null ? {} : fields('default', steady.limit, held), wait };
    return { fields: burst === null ? {} : fields('burst', burst.limit, spent), wait };
  }
}

const FULL: Share = { left: Number.POSITIVE_INFINITY, wait: null, reset: 0 };

/** The fields as Cloudflare writes them: remaining and seconds to reset; quota and window in seconds. */
function fields(name: string, { quota, window }: RateLimit, { left, reset }: Share): Record<string, string> {
  return {
    ratelimit: `"${name}";r=${Math.floor(Math.min(quota, left))};t=${reset}`,
    'ratelimit-policy': `"${name}";q=${quota};w=${window}`,
  };
}
