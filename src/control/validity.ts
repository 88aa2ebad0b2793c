import type { Instant } from '../domain/ids.ts';

/** Whether less than a third of a certificate's life is left. */
export function dueForRenewal(
  { notBefore, notAfter }: { readonly notBefore: Instant; readonly notAfter: Instant },
  now: Instant,
): boolean {
  return now > notAfter - (notAfter - notBefore) / 3;
}
