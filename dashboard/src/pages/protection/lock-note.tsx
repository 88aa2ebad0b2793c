import type { View } from '../../../../src/wire/answer-fields.ts';
import type { LOCKS } from '../../../../src/wire/attestations.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { LooksPaused } from '../../parts/looks-paused.tsx';
import { Note } from '../../parts/problems.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';

const WORTH = {
  locked:
    'Whoever knows the address of an origin and goes around the edge is refused there: nobody gets past these rules.',
  open: 'Whoever knows the address of an origin walks around these rules: an origin lets in others than the edge.',
  broken:
    'The edge itself cannot pull from an origin. Nobody walks around these rules there, but visitors are not served either.',
  unknown: 'Whether somebody who knows the address of an origin walks around these rules could not be found out.',
  none: 'Whoever knows the address of an origin walks around these rules: no hostname of this zone has a lock.',
} as const;

/** What rules at the edge are worth: as much as the lock at the origins. */
export function LockNote({ zone }: { readonly zone: Zone }) {
  const path = may('ssl:read') ? `/postern/v1/zones/${zone.id}/lock` : null;
  const [locks, refresh] = useResource<View<typeof LOCKS>>(path, { on: inZone(zone.id) });
  if (path === null || locks.kind !== 'ready') {
    return (
      <Note>
        <p>
          These rules hold at the edge. Somebody who knows the address of an origin walks around them, unless the origin
          refuses everybody but the edge.
        </p>
        {locks.kind === 'failed' && (
          <p class="hint">
            How the lock is could not be read: {locks.problems[0]?.message}{' '}
            <button type="button" class="button quiet small" onClick={refresh}>
              Try again
            </button>
          </p>
        )}
      </Note>
    );
  }
  const { verdict, paused } = locks.value;
  const kind = verdict === 'locked' ? 'good' : verdict === 'open' || verdict === null ? 'problem' : 'warning';
  return (
    <>
      <Note kind={kind}>
        <p class="row">
          <VerdictBadge verdict={verdict} />
          <span>{WORTH[verdict ?? 'none']}</span>
        </p>
        {verdict !== 'locked' && (
          <p class="hint">
            <Link to={zonePath(zone.name, verdict === null ? '/ssl/origin-server' : '/attestations')}>
              {verdict === null ? 'Switch on authenticated origin pulls' : 'See what was seen at the origins'}
            </Link>
          </p>
        )}
      </Note>
      <LooksPaused paused={paused} zone={zone} />
    </>
  );
}
