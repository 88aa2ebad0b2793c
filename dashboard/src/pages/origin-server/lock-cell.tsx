import { inZone, type Resource, useResource } from '../../api/resource.ts';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import { type Attestation, verdictOf } from './plan.ts';

interface LockCellProps {
  readonly zone: Zone;
  readonly hostname: string;
  /** What was asked for together with the other rows. */
  readonly all: Resource<readonly Attestation[]>;
}

/** The verdict on the lock of a hostname, with the way to its evidence. */
export function LockCell({ zone, hostname, all }: LockCellProps) {
  const seen = all.kind === 'ready' ? all.value : [];
  const isWhole = all.kind === 'ready' && (all.info?.total_count ?? 0) <= seen.length;
  const isKnown = isWhole || verdictOf(hostname, seen) !== null;
  // A zone with more origins than one answer holds: this one is asked for by itself.
  const query = new URLSearchParams({ hostname, per_page: '100' });
  const path = `/postern/v1/zones/${zone.id}/attestations?${query}`;
  const [own] = useResource<readonly Attestation[]>(all.kind === 'ready' && !isKnown ? path : null, {
    on: inZone(zone.id),
  });
  if (!isKnown && own.kind !== 'ready') return <span class="muted">{own.kind === 'failed' ? 'Not known' : '…'}</span>;
  const verdict = verdictOf(hostname, isKnown || own.kind !== 'ready' ? seen : own.value);
  return (
    <Link to={zonePath(zone.name, `/attestations/${encodeURIComponent(hostname)}`)} class="lock-link">
      <span class="unseen">Lock of {hostname}: </span>
      {verdict === null ? 'Not looked at' : <VerdictBadge verdict={verdict} />}
    </Link>
  );
}
