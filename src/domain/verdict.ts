/** Whether a lock holds. `broken`: the edge itself is refused. `unknown`: it could not be found out. */
export type Verdict = 'locked' | 'open' | 'broken' | 'unknown';

// What is worst first.
const ORDER: readonly Verdict[] = ['open', 'broken', 'unknown', 'locked'];

/** The verdict of several together; `unknown` where there is none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return ORDER.find((one) => verdicts.includes(one)) ?? 'unknown';
}
