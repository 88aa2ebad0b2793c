import type { FindingCode } from '../findings.ts';
import { CONTROL_FACTS_MEANING } from './control-facts.ts';
import { EXPOSURE_MEANING } from './exposure.ts';
import { HEADER_TRUST_MEANING } from './header-trust.ts';
import { LOCKED_OUT_MEANING } from './locked-out.ts';
import type { Meaning } from './meaning.ts';
import { NOT_ENFORCED_MEANING } from './not-enforced.ts';
import { TOO_TRUSTING_MEANING } from './too-trusting.ts';
import { UNSURE_MEANING } from './unsure.ts';

/** What each finding means, and how it comes to light. */
export const MEANINGS: Readonly<Record<FindingCode, Meaning>> = {
  ...NOT_ENFORCED_MEANING,
  ...TOO_TRUSTING_MEANING,
  ...HEADER_TRUST_MEANING,
  ...LOCKED_OUT_MEANING,
  ...UNSURE_MEANING,
  ...EXPOSURE_MEANING,
  ...CONTROL_FACTS_MEANING,
};
