import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import type { PlanRow } from './plan.ts';

interface LockCellProps {
  readonly zone: Zone;
  readonly row: PlanRow;
}

/** The verdict on the lock of a hostname, with the way to its evidence. */
export function LockCell({ zone, row: { hostname, verdict } }: LockCellProps) {
  return (
    <Link to={zonePath(zone.name, `/attestations/${encodeURIComponent(hostname)}`)} class="lock-link">
      <span class="unseen">Lock of {hostname}: </span>
      {verdict === null ? 'Not looked at' : <VerdictBadge verdict={verdict} />}
    </Link>
  );
}
