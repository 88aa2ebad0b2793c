import type { PullPlan } from '../domain/plan.ts';
import type { PullFacts } from '../pull/pull-facts.ts';

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

/** Whether a request failed: with a 5xx, or with an answer that broke off. That a visitor leaves is no failure. */
export function failed({ status, pull }: RequestEnd): boolean {
  return status >= 500 || (pull !== null && pull.failure !== null);
}
