import { CONTROL_FACTS } from './control-facts.ts';
import { EXPOSURE } from './exposure.ts';
import { HEADER_TRUST } from './header-trust.ts';
import { LOCKED_OUT } from './locked-out.ts';
import { NOT_ENFORCED } from './not-enforced.ts';
import type { FindingKind } from './severity.ts';
import { TOO_TRUSTING } from './too-trusting.ts';
import { UNSURE } from './unsure.ts';

/** Everything that the doctor can find: one row each. */
export const FINDINGS = {
  ...NOT_ENFORCED,
  ...TOO_TRUSTING,
  ...HEADER_TRUST,
  ...LOCKED_OUT,
  ...UNSURE,
  ...EXPOSURE,
  ...CONTROL_FACTS,
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof FINDINGS;

/** Whether there is such a finding. */
export function isFindingCode(text: string): text is FindingCode {
  return Object.hasOwn(FINDINGS, text);
}
