import type { EdgeAuthorities } from '../domain/edge-zone.ts';
import type { Instant } from '../domain/ids.ts';
import type { PullPlan } from '../domain/plan.ts';
import type { PageCode } from './own-pages.ts';
import type { Visitor } from './visitor.ts';

/** Whether a visitor may come to a hostname that asks for certificates, and what its origin is told of it. */
export type Admittance =
  /** `clientCert` is the value of that field (RFC 9440 §2.2); `null` where nobody was asked. */
  | { readonly kind: 'admitted'; readonly clientCert: string | null }
  | { readonly kind: 'turned_away'; readonly page: PageCode; readonly because: string };

const NOBODY_ASKED: Admittance = { kind: 'admitted', clientCert: null };
const NONE_SHOWN: Admittance = {
  kind: 'turned_away',
  page: 'visitor_certificate_required',
  because: 'none_shown',
};

/** Judges a visitor for one request, by what its hostname asks now. */
export function admittance(
  { shown }: Pick<Visitor, 'shown'>,
  { asked, plan }: { readonly asked: EdgeAuthorities | null; readonly plan: PullPlan },
  now: () => Instant,
): Admittance {
  if (asked === null || isOpen(plan)) return NOBODY_ASKED;
  if (shown === null) return NONE_SHOWN;
  const verdict = shown.judge(asked, now());
  if (verdict.kind === 'accepted') return { kind: 'admitted', clientCert: verdict.field };
  return { kind: 'turned_away', page: 'visitor_certificate_refused', because: verdict.because };
}

// What tells nothing of the site but the way to where it asks.
function isOpen(plan: PullPlan): boolean {
  return plan.kind === 'not_served' || (plan.kind === 'redirect' && plan.to === 'https');
}
