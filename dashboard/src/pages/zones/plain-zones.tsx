import { useEffect } from 'preact/hooks';
import { useResource } from '../../api/resource.ts';
import { rememberZone, type Zone } from '../../api/zone.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Link, inQuery } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';

const PER_PAGE = 50;

interface ListedZone extends Zone {
  readonly account: { readonly name: string };
}

const COLUMNS: readonly Column<ListedZone>[] = [
  { title: 'Zone', names: true, cell: ({ name }) => <Link to={zonePath(name)}>{name}</Link> },
  { title: 'State', cell: ({ paused }) => (paused ? 'Paused' : 'Served') },
  { title: 'Account', optional: true, cell: ({ account }) => account.name },
];

/** Zones for a token that may not see their locks. */
export function PlainZones() {
  const search = inQuery('q') ?? '';
  const asked = new URLSearchParams({ page: String(pageNumber()), per_page: String(PER_PAGE), order: 'name' });
  if (search !== '') asked.set('name', `contains:${search}`);
  const [found, refresh] = useResource<readonly ListedZone[]>(`/client/v4/zones?${asked}`, {
    on: ({ kind }) => kind === 'revision_committed',
  });
  const zones = useKept(found);
  useEffect(() => {
    if (found.kind === 'ready') found.value.forEach(rememberZone);
  }, [found]);
  return (
    <Panel
      title="All zones"
      aside={<Search label="Search zones" />}
      about="This token may see zones, but not their locks: that takes the permission ssl:read."
    >
      <Awaited
        of={zones}
        retry={refresh}
        lines={12}
        empty={<p>{search === '' ? 'This token sees no zone.' : 'No zone is like this.'}</p>}
      >
        {(rows, info) => (
          <>
            <Table caption="Zones" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
            <Pager info={info} what="zones" />
          </>
        )}
      </Awaited>
    </Panel>
  );
}
