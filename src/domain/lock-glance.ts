import type { Attestation } from './attestation.ts';
import { type Hostname, type Instant, instant, type ZoneId } from './ids.ts';
import { CARRYING_OUT, type SetupStanding } from './under-setup.ts';

/** What somebody who shows no certificate came to at an origin. */
export interface Glance {
  /** The same word wherever the same came of it. */
  readonly told: string;
  /** It says by itself that a certificate is asked for; where it does not, only that it changes tells something. */
  readonly isRefused: boolean;
}

/** A decision that somebody may be carrying out now, at the origins of these names. */
export interface Decision {
  readonly zone: ZoneId;
  readonly hostnames: readonly Hostname[];
  readonly decided: Instant;
}

/** Milliseconds between two glances at an origin. */
export const GLANCES_EVERY = 5_000;
/** Full looks that glances ask for are no closer together: each leaves some fifty lines in the logs of the origin. */
const AT_MOST_EVERY = 10_000;
/** Where strangers are refused, and a full look found something else amiss, that may have been mended. */
const AGAIN_AFTER = 2 * 60_000;

/**
 * Until when somebody may be carrying a decision out, so that it is seen within seconds; `null` where nobody is. Worked out
 * from what is stored, so that it goes on after a restart, and ends by itself.
 */
export function glancesUntil({ decided, modified }: SetupStanding, now: Instant): Instant | null {
  if (decided === null) return null;
  // Far ahead of now: the clock was wrong when it was decided.
  return Math.abs(now - modified) < CARRYING_OUT ? instant(modified + CARRYING_OUT) : null;
}

/** Whether a decision is known to be carried out at an origin, as far as a look can tell. */
export function isCarriedOut(known: Attestation | undefined, decided: Instant): boolean {
  return known?.verdict === 'locked' && (known.fullAt ?? 0) >= decided;
}

interface Glanced {
  readonly glance: Glance;
  /** What the glance came to that a full look was asked for, or else the first one. */
  readonly before: string | null;
  readonly known: Attestation | undefined;
  readonly decided: Instant;
  readonly now: Instant;
}

/** Whether a glance tells that the lock is to be looked at in every way. */
export function tellsMore({ glance, before, known, decided, now }: Glanced): boolean {
  // One that was never looked at comes first by itself.
  if (known === undefined || known.fullAt === null || isCarriedOut(known, decided)) return false;
  const ago = now - known.fullAt;
  if (before !== null && before !== glance.told) return ago >= AT_MOST_EVERY;
  return glance.isRefused && (known.fullAt < decided || ago >= AGAIN_AFTER);
}
