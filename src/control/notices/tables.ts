import type { Flag } from '../flag.ts';

/** The rows of notices, of where they go, and of what was sent. */

export interface NoticeRow {
  /** Its place in the order in which they were said. */
  readonly number: number;
  readonly id: string;
  readonly at: number;
  readonly code: string;
  readonly severity: string;
  /** No reference: a notice outlives its zone. */
  readonly zone: string | null;
  readonly account: string | null;
  readonly zone_name: string | null;
  /** JSON. */
  readonly about: string;
  readonly detail: string;
}

/** What was said last of a concern, so that a restart does not say it again. */
export interface NoticeMarkRow {
  /** Empty for what is about the whole installation. */
  readonly zone: string;
  readonly key: string;
  readonly stage: number;
}

export interface NoticeChannelRow {
  readonly id: string;
  readonly name: string;
  readonly enabled: Flag;
  /** JSON. */
  readonly target: string;
  readonly least: string;
  /** JSON list. */
  readonly codes: string;
  /** JSON: a list of ids, or `"all"`. */
  readonly zones: string;
  readonly accounts: string;
  readonly created_at: number;
  readonly modified_at: number;
}

export interface NoticeDeliveryRow {
  readonly id: string;
  readonly channel: string;
  readonly created_at: number;
  /** JSON list of ids. */
  readonly notices: string;
  /** JSON list. */
  readonly attempts: string;
  /** `null` once it is settled. */
  readonly next_at: number | null;
  /** What is sent, the same at each attempt; empty once it is settled. */
  readonly body: string;
}
