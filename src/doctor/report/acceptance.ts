import type { ReportFinding } from '../view.ts';

/** Why a finding does not count, and until when. */
export interface Excuse {
  readonly reason: string;
  /** A day, in UTC: `2027-01-31`; it counts on that day for the last time. */
  readonly until: string;
}

/** Says which findings were accepted by whoever answers for the origin. */
export type Acceptance = (finding: ReportFinding) => Excuse | null;

/** Where nobody has accepted anything. */
export const NOTHING_ACCEPTED: Acceptance = () => null;
