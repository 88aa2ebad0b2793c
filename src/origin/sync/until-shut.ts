import { type Instant, instant } from '../../domain/ids.ts';
import type { LockOutcome } from './outcome.ts';
import { waitToShut } from './pace.ts';

/** A run that may stay for a while. */
export interface StayingRun {
  readonly round: () => Promise<readonly LockOutcome[]>;
  /** Milliseconds. */
  readonly stay: number;
  readonly clock: () => Instant;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

/** Rounds until nothing is open any more that ends in time. While it waits nothing is half done: it may be killed. */
export async function untilShut({ round, stay, clock, wait }: StayingRun): Promise<readonly LockOutcome[]> {
  const last = instant(clock() + stay);
  for (;;) {
    const outcomes = await round();
    const pause = waitToShut(outcomes, clock(), last);
    if (pause === null) return outcomes;
    await wait(pause);
  }
}
