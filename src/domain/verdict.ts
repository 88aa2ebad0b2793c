/** Every verdict, what is worst first. */
export const VERDICTS = ['open', 'broken', 'unknown', 'locked'] as const;

/** Whether a lock holds. `broken`: the edge itself cannot pull: it is refused, or does not believe the origin. `unknown`: it could not be found out. */
export type Verdict = (typeof VERDICTS)[number];

/** The verdict of several together; `unknown` where there is none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((one) => verdicts.includes(one)) ?? 'unknown';
}
