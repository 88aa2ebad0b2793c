import type { View } from '../../../../src/wire/answer-fields.ts';
import type { PLAN, PLAN_ROW } from '../../../../src/wire/effective-plan.ts';

type Plan = View<typeof PLAN>;

/** A row of `GET /postern/v1/zones/:zone/plans`. */
export type PlanRow = View<typeof PLAN_ROW>;

/** What the edge does for a hostname, in two or three words. */
export const KINDS: Readonly<Record<Plan['kind'], string>> = {
  present: 'Shows a certificate',
  without: 'Shows no certificate',
  refuse: 'Does not pull',
  plaintext: 'Pulls over plain HTTP',
  redirect: 'Redirects to http',
  not_served: 'Not served',
};

/** Whether that is as it should be, tells colours apart beside the words. */
export const LOOKS: Readonly<Record<Plan['kind'], 'good' | 'worry' | 'bad' | ''>> = {
  present: 'good',
  without: 'worry',
  refuse: 'bad',
  plaintext: 'worry',
  redirect: 'worry',
  not_served: '',
};

/** Which level decides, in a word. A veto is the only word of a hostname that names no certificate. */
export function levelWord({ level, certificate }: PlanRow): string {
  if (level === null) return 'None';
  if (level === 'hostname') return certificate === null ? 'Hostname: veto' : 'Hostname';
  return level === 'zone' ? 'Zone' : 'Global';
}
