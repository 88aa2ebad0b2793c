import { useEffect, useState } from 'preact/hooks';
import { movesOverview, SETTLE_ALL, type ZoneRow } from '../../api/overview.ts';
import { useResource } from '../../api/resource.ts';
import { rememberZone } from '../../api/zone.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Choices } from '../../parts/choices.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { Table } from '../../parts/table.tsx';
import { go, place, setQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import { zonePath } from '../../zone.tsx';
import { AddZone } from './add-zone.tsx';
import { COLUMNS } from './columns.tsx';
import { PlainZones } from './plain-zones.tsx';
import '../../style/pages/zones.css';

const PER_PAGE = 50;

const VERDICTS = [
  { value: '', text: 'All' },
  { value: 'open', text: 'Open' },
  { value: 'broken', text: 'Broken' },
  { value: 'unknown', text: 'Unknown' },
  { value: 'locked', text: 'Locked' },
  { value: 'unattested', text: 'No lock' },
] as const;

const ORDERS = [
  { value: 'worst', text: 'The worst first' },
  { value: 'name', text: 'Name' },
  { value: 'ending', text: 'What ends first' },
  { value: 'concerns', text: 'Most concerns' },
  { value: 'hostnames', text: 'Most hostnames' },
] as const;

/** All zones of the token: found, filtered, sorted and paged by the server. */
export function Page() {
  const mayAdd = may('zone:edit');
  const [adding, setAdding] = useState(place.peek().query.get('add') !== null);
  const close = (added: string | null) => {
    setAdding(false);
    if (added === null) setQuery({ add: null });
    else go(zonePath(added));
  };
  return (
    <>
      <PageHead title="Zones" about="Each zone with the worst of its locks, and what ends first.">
        {mayAdd && (
          <Button kind="primary" onPress={() => setAdding(true)}>
            Add a zone
          </Button>
        )}
      </PageHead>
      {may('ssl:read') ? <Zones /> : <PlainZones />}
      {adding && mayAdd && <AddZone onClose={close} />}
    </>
  );
}

function Zones() {
  const { query } = place.value;
  const search = query.get('q') ?? '';
  const verdict = query.get('verdict') ?? '';
  const sort = query.get('sort') ?? 'worst';
  const asked = new URLSearchParams({ page: String(pageNumber()), per_page: String(PER_PAGE), sort });
  if (search !== '') asked.set('search', search);
  if (verdict !== '') asked.set('verdict', verdict);
  const [found, refresh] = useResource<readonly ZoneRow[]>(`/postern/v1/overview/zones?${asked}`, {
    on: movesOverview,
    settle: SETTLE_ALL,
  });
  const rows = useKept(found);
  useEffect(() => {
    if (found.kind === 'ready') for (const { zone, paused } of found.value) rememberZone({ ...zone, paused });
  }, [found]);
  const isFiltered = search !== '' || verdict !== '';
  return (
    <Panel title="All zones" aside={<Search label="Search zones" />}>
      <div class="zones-filters">
        <Choices
          label="Lock"
          options={VERDICTS}
          value={verdict}
          onChange={(value) => setQuery({ verdict: value, page: null })}
        />
        <label class="sort">
          Sort by{' '}
          <select value={sort} onChange={(event) => setQuery({ sort: event.currentTarget.value, page: null })}>
            {ORDERS.map(({ value, text }) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Awaited of={rows} retry={refresh} lines={12} empty={<Nothing isFiltered={isFiltered} />}>
        {(zones, info) => (
          <>
            <Table caption="Zones" columns={COLUMNS} rows={zones} keyOf={({ zone }) => zone.id} />
            <Pager info={info} what="zones" />
          </>
        )}
      </Awaited>
    </Panel>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (!isFiltered) return <p>There is no zone yet. Add one: its hostnames, its authority and its lock live in it.</p>;
  return (
    <>
      <p>No zone is like this.</p>
      <Button small onPress={() => setQuery({ q: null, verdict: null, page: null })}>
        Show all zones
      </Button>
    </>
  );
}
