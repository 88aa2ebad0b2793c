import { type Outcome, outcome, type Policy } from '../doctor/report/policy.ts';
import type { Report } from '../doctor/view.ts';
import { EXIT } from './failure.ts';

/** What a policy makes of a report, and the exit code that says so. */
export function judged(
  report: Report,
  policy: Policy,
  now: number,
): { readonly outcome: Outcome; readonly code: number } {
  const judgement = outcome(report, policy, new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length));
  const code = { passed: EXIT.good, failed: EXIT.notGood, undetermined: EXIT.undetermined }[judgement.kind];
  return { outcome: judgement, code };
}
