import type { Attestation } from './attestation.ts';
import type { Instant } from './ids.ts';

/** A set-up of a hostname, as far as this asks. */
export interface SetupStanding {
  readonly modified: Instant;
  /** When somebody decided that strangers are refused; `null` while one watches who comes. */
  readonly decided: Instant | null;
}

/** Who did nothing more to a set-up for so long is not at it: what is open is open. */
const AT_IT = 7 * 86_400_000;

/** What is decided here has to be carried out at the origin: that much time a person has for it, in milliseconds. */
export const CARRYING_OUT = 10 * 60_000;

/** How far a set-up is that somebody is at; `null` where nobody is. */
type SetupStage = 'watching' | 'carrying_out' | 'decided';

function setupStage(setup: SetupStanding | null | undefined, now: Instant): SetupStage | null {
  if (setup === null || setup === undefined || now - setup.modified > AT_IT) return null;
  const { decided } = setup;
  if (decided === null) return 'watching';
  // Where the clock was put back nobody knows how long ago that was.
  return now >= decided && now - decided < CARRYING_OUT ? 'carrying_out' : 'decided';
}

/** Whether it may be nothing but a set-up that is under way: an open lock, or one of which nothing can be told. */
export function mayBeSetup({ code }: { readonly code: string }): boolean {
  return code === 'lock_open' || code === 'lock_unseen';
}

/** Whether the set-up of a hostname is where one goes on with a lock that is not there yet. */
export function goesOnAtSetup(setup: SetupStanding | null, now: Instant): boolean {
  const stage = setupStage(setup, now);
  return stage === 'carrying_out' || stage === 'decided';
}

/**
 * Whether a lock that is open, or of which nothing can be told, is not there yet, and no alarm: while somebody watches who
 * comes, and for as long as it takes to carry out that strangers are refused. One that held until it was decided, or since,
 * and is open now is an alarm: nobody took it down to watch. Everything that is counted or said of a zone goes through this.
 */
export function isNotYet(
  { lastHeld, since }: Pick<Attestation, 'lastHeld' | 'since'>,
  setup: SetupStanding | null | undefined,
  now: Instant,
): boolean {
  const stage = setupStage(setup, now);
  if (stage !== 'carrying_out') return stage === 'watching';
  const decided = setup?.decided ?? 0;
  return lastHeld === null || (lastHeld < decided && since < decided);
}
