import type { Instant } from './ids.ts';

const NOTICE = 14 * 86_400_000;

/** Whether whoever has to replace a certificate that is shown should hear of its end now: within 14 days. */
export function endsSoon(notAfter: Instant, now: Instant): boolean {
  return notAfter - now <= NOTICE;
}
