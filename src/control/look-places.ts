import type { AccountId } from '../domain/ids.ts';
import { Turnstile } from '../pull/turnstile.ts';

/**
 * What looks at origins: rotations, and locks that should be shut again. An account's dead origins take minutes each, so
 * that what it may have under way at once leaves room for others, and its rotations leave room for its locks.
 */
export type LookPlaces = Turnstile<string>;

const PLACES = 48;
const EACH = 12;

/** Places for all looks of a control plane. How many knock at one address at once is the edge's to say, which knows it. */
export function lookPlaces(): LookPlaces {
  return new Turnstile({ places: PLACES, each: EACH, atTarget: PLACES });
}

/** Whose turn it is by. */
export function partyOf(account: AccountId, what: 'rotations' | 'locks' | 'attestations' | 'certificates'): string {
  return `${account} ${what}`;
}
