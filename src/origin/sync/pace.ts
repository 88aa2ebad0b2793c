import type { Instant } from '../../domain/ids.ts';
import { type LockOutcome, verdict } from './outcome.ts';

const FIRST_RETRY = 15_000;
/** Of the pause: many origins that were started together should not ask together. */
const JITTER = 0.1;

/** What the pause depends on beside the outcome. */
export interface Pace {
  /** Milliseconds between two runs. */
  readonly interval: number;
  /** Runs in a row that did not bring everything in step. */
  readonly failed: number;
  readonly now: Instant;
  /** From 0 to 1. */
  readonly chance: number;
}

/** How many milliseconds a single run waits to shut what is open; `null` where nothing ends until `last`. */
export function waitToShut(outcomes: readonly LockOutcome[], now: Instant, last: Instant): number | null {
  const ends = outcomes.flatMap(({ shutsAt }) => (shutsAt === null || shutsAt > last ? [] : [shutsAt - now]));
  return ends.length === 0 ? null : Math.max(0, Math.min(...ends));
}

/** How many milliseconds a daemon waits: less where something is wrong, and never past the end of an opening. */
export function nextPause(outcomes: readonly LockOutcome[], { interval, failed, now, chance }: Pace): number {
  const isWell = verdict(outcomes) === 'in_step';
  const usual = isWell ? interval : Math.min(interval, FIRST_RETRY * 2 ** Math.min(failed, 16));
  const pause = usual * (1 + JITTER * (2 * chance - 1));
  const ends = outcomes.flatMap(({ shutsAt }) => (shutsAt === null ? [] : [shutsAt - now]));
  return Math.max(0, Math.round(Math.min(pause, ...ends)));
}
