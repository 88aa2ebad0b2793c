import type { Notice } from '../../api/notice.ts';
import type { ZoneRow } from '../../api/overview.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { NoticeList } from '../../parts/notice-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Verdict } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

const SHOWN = 4;

interface ConcernsProps {
  readonly zone: Zone;
  readonly concerns: ZoneRow['concerns'];
  readonly verdict: ZoneRow['verdict'];
  readonly said: ReturnType<typeof useSaid>;
}

/** What was said of the zone of late. */
export function useSaid(zone: Zone) {
  const path = may('notices:read') ? `/postern/v1/notices?zone=${zone.id}&limit=${SHOWN}` : null;
  return useResource<readonly Notice[]>(path, { on: inZone(zone.id) });
}

/** What is said where no concern stands: of a lock that is not known to hold nobody says that all is well. */
const NOTHING: Readonly<Record<Verdict | 'none', string>> = {
  locked: 'Nothing needs attention now.',
  open: 'Beside its lock, nothing needs attention now.',
  broken: 'Beside its lock, nothing needs attention now.',
  unknown: 'Whether its lock holds is not known yet; beside that, nothing needs attention now.',
  none: 'Beside the lock that it does not have, nothing needs attention now.',
};

/** What the zone needs somebody for, and what was said of it of late. */
export function Concerns({ zone, concerns, verdict, said: [notices, refresh] }: ConcernsProps) {
  const { critical, warning } = concerns;
  const standing = [
    ...(critical > 0 ? [`${critical.toLocaleString()} critical`] : []),
    ...(warning > 0 ? [`${warning.toLocaleString()} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  return (
    <Panel
      title="What was said of late"
      aside={<Link to={`/notices?zone=${encodeURIComponent(zone.name)}`}>All its notices</Link>}
      about={standing.length === 0 ? NOTHING[verdict ?? 'none'] : `${standing.join(' and ')} not seen to yet.`}
    >
      <Awaited of={notices} retry={refresh} lines={3} empty={<p>Nothing was said of this zone yet.</p>}>
        {(list) => <NoticeList notices={list} zone={false} />}
      </Awaited>
    </Panel>
  );
}
