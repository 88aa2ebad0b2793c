import type { Verdict } from '../../parts/verdict.tsx';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';

/** A zone's locks, as `GET /postern/v1/locks` has them. */
interface Locks {
  readonly zone: { readonly id: string; readonly name: string };
  readonly verdict: Verdict | null;
  readonly locked_since: string | null;
  readonly counts: Readonly<Record<Verdict, number>>;
}

const COLUMNS: readonly Column<Locks>[] = [
  { title: 'Zone', names: true, cell: ({ zone }) => <Link to={zonePath(zone.name)}>{zone.name}</Link> },
  { title: 'Lock', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
  {
    title: 'Locked since',
    optional: true,
    cell: ({ locked_since }) => (locked_since === null ? '—' : <Moment at={locked_since} />),
  },
];

export function Page() {
  const [locks, refresh] = useResource<readonly Locks[]>(`/postern/v1/locks?per_page=50&page=${pageNumber()}`, {
    on: ({ kind }) => kind === 'lock_seen' || kind === 'revision_committed',
  });
  return (
    <>
      <PageHead title="Zones" />
      <Panel title="All zones">
        <Awaited of={locks} retry={refresh} empty={<p>There is no zone yet.</p>}>
          {(rows, info) => (
            <>
              <Table caption="Zones" columns={COLUMNS} rows={rows} keyOf={({ zone }) => zone.id} />
              <Pager info={info} what="zones" />
            </>
          )}
        </Awaited>
      </Panel>
    </>
  );
}
