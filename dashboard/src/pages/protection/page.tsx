import { PageHead } from '../../parts/panel.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { AccessRules } from './access-rules.tsx';
import { LockNote } from './lock-note.tsx';
import { RateLimits } from './rate-limits.tsx';
import '../../style/pages/protection.css';

/** Whom the edge turns away before it pulls. */
export function Page({ zone }: ZonePageProps) {
  return (
    <>
      <PageHead title="Protection" about="Whom the edge turns away before anything reaches an origin." />
      <LockNote zone={zone} />
      <AccessRules zone={zone} />
      <RateLimits zone={zone} />
    </>
  );
}
