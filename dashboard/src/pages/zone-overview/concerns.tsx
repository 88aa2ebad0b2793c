import { NoticeList } from '../../parts/notice-list.tsx';
import { Empty } from '../../parts/awaited.tsx';
import type { ZoneRow } from '../../api/overview.ts';
import { Panel } from '../../parts/panel.tsx';
import type { Verdict } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';
import type { Glance } from './glance.ts';

interface ConcernsProps {
  readonly zone: Zone;
  readonly row: ZoneRow;
  readonly notices: NonNullable<Glance['notices']>;
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
export function Concerns({ zone, row: { concerns, verdict }, notices }: ConcernsProps) {
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
      {notices.length === 0 ? (
        <Empty>
          <p>Nothing was said of this zone yet.</p>
        </Empty>
      ) : (
        <NoticeList notices={notices} zone={false} />
      )}
    </Panel>
  );
}
