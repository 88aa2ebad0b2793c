import { type Instant, instant } from '../domain/ids.ts';

interface Validity {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** When a certificate of our own is to be renewed: with a third of its life left. */
export function renewalDue({ notBefore, notAfter }: Validity): Instant {
  return instant(Math.floor(notAfter - (notAfter - notBefore) / 3));
}

/** Whether less than a third of a certificate's life is left. */
export function dueForRenewal(validity: Validity, now: Instant): boolean {
  return now > renewalDue(validity);
}
