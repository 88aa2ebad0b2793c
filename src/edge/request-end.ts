import type { Fingerprint } from '../domain/ids.ts';
import type { PullPlan } from '../domain/plan.ts';
import type { PullFailure, PullFailureCode } from '../pull/failure.ts';
import type { Lane } from '../pull/lane.ts';
import type { Told } from '../http1/responder.ts';

/** What became of a pull. Times in milliseconds. */
export interface PullFacts {
  readonly failure: PullFailure | null;
  /** Status of the answer that reached the edge; 0 where none did. */
  readonly status: number;
  /** Whether the answer came to its end. Neither that nor a failure means: the visitor has left. */
  readonly complete: boolean;
  /** The page with which the visitor's body was refused, where that ended it. */
  readonly told: Told | null;
  /** The connection it was sent on last; `null` where none could be had. */
  readonly connection: Lane | null;
  /** What was shown to the origin that was asked last; `null` for nothing. */
  readonly shown: Fingerprint | null;
  /** How many requests that connection had carried before. */
  readonly earlier: number;
  readonly retries: number;
  readonly waited: number;
  /** From sending the request to the head of the answer; `null` where none came. */
  readonly firstByte: number | null;
  /** Bytes of bodies, without framing. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** On the clock of the edge. */
  readonly endedAt: number;
}

/** How a request of a visitor ended. */
export interface RequestEnd {
  /** What was planned; `null` where the request was answered before anybody asked. */
  readonly plan: PullPlan | null;
  /** Status that the visitor got; 0 where it was gone before. */
  readonly status: number;
  /** Code of the edge's own page; `null` where an origin answered or the visitor left. */
  readonly page: string | null;
  readonly bytesOut: number;
  readonly pull: PullFacts | null;
}

/** How a pull ended, in one word. */
export function outcome({
  failure,
  status,
  complete,
}: PullFacts): PullFailureCode | 'answered' | 'cut' | 'visitor_gone' {
  if (failure !== null) return status === 0 ? failure.code : 'cut';
  return complete ? 'answered' : 'visitor_gone';
}

/** Whether a request failed: with a 5xx, or with an answer that broke off. That a visitor leaves is no failure. */
export function failed({ status, pull }: RequestEnd): boolean {
  return status >= 500 || (pull !== null && pull.failure !== null);
}
