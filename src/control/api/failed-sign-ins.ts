import { sourceOf } from '../../wire/networks.ts';
import { TokenBuckets } from '../token-buckets.ts';

/** One more each second. */
const SHARE = { quota: 30, window: 30 };

/**
 * Counts wrong tokens per source address in token buckets. It decides only how a failure is answered (401, or 429 and
 * silence in the log): a valid token always passes, so nobody can lock somebody else out from a shared address.
 * Guessing is hopeless for another reason, the length of the tokens.
 */
export class FailedSignIns {
  readonly #sources = new TokenBuckets(SHARE);

  /** Counts a failure. Answers whether this address has had its share for now. `now` in milliseconds. */
  exceeded(address: string, now: number): boolean {
    return this.#sources.take(sourceOf(address), now).wait !== null;
  }
}
