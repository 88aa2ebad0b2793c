/** How fast a rotation goes, and how carefully. Times in milliseconds, shares from 0 to 1. */
export interface Pace {
  /** The part of the origins that shows the new certificate first. One at least. */
  readonly canaryShare: number;
  /** How long only those show it. */
  readonly canaryFor: number;
  /** How long all show it before the old one is given up. */
  readonly watchFor: number;
  /** How long connections that show the old one may last after that. */
  readonly drainFor: number;
  /** How long the bundle holds the old CA after that. */
  readonly noticeFor: number;
  /** The part of an origin's pulls that may be refused. Above it the origin gets the old certificate back. */
  readonly refusals: number;
  /** How long an origin that was given the old one back must wait; twice as long each time. */
  readonly retryAfter: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;

/** Where nothing is on fire: a day of work is lost sooner by haste than by patience. */
export const USUAL_PACE: Pace = {
  canaryShare: 0.1,
  canaryFor: MINUTE,
  watchFor: 10 * MINUTE,
  drainFor: MINUTE,
  noticeFor: 7 * DAY,
  refusals: 0.02,
  retryAfter: 5 * MINUTE,
};

/** Where a key is in other hands: as fast as the origins allow. */
export const EMERGENCY_PACE: Pace = {
  canaryShare: 1,
  canaryFor: 0,
  watchFor: 10 * SECOND,
  drainFor: 2 * SECOND,
  noticeFor: 0,
  refusals: 0.02,
  retryAfter: 30 * SECOND,
};
