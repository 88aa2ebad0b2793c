import type { Notice } from '../../api/notice.ts';
import type { ZoneRow } from '../../api/overview.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { NoticeList } from '../../parts/notice-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';

const SHOWN = 4;

interface ConcernsProps {
  readonly zone: Zone;
  readonly concerns: ZoneRow['concerns'];
}

/** What the zone needs somebody for, and what was said of it of late. */
export function Concerns({ zone, concerns }: ConcernsProps) {
  const [notices, refresh] = useResource<readonly Notice[]>(`/postern/v1/notices?zone=${zone.id}&limit=${SHOWN}`, {
    on: inZone(zone.id),
  });
  const { critical, warning } = concerns;
  const standing = [
    ...(critical > 0 ? [`${critical.toLocaleString()} critical`] : []),
    ...(warning > 0 ? [`${warning.toLocaleString()} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  return (
    <Panel
      title="What was said of late"
      aside={<Link to={`/notices?zone=${encodeURIComponent(zone.name)}`}>All its notices</Link>}
      about={standing.length === 0 ? 'Nothing needs attention now.' : `${standing.join(' and ')} not seen to yet.`}
    >
      <Awaited of={notices} retry={refresh} lines={3} empty={<p>Nothing was said of this zone yet.</p>}>
        {(list) => <NoticeList notices={list} zone={false} />}
      </Awaited>
    </Panel>
  );
}
