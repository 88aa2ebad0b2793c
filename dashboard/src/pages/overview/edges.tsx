import type { Edge } from '../../api/edge.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { EdgeState } from '../../parts/edge-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Link } from '../../route.tsx';

const COLUMNS: readonly Column<Edge>[] = [
  { title: 'Edge', names: true, cell: ({ name }) => <span class="nowrap">{name}</span> },
  { title: 'State', cell: (edge) => <EdgeState edge={edge} /> },
  { title: 'Revision', align: 'end', cell: ({ applied_revision }) => applied_revision.toLocaleString() },
  {
    title: 'Requests/s',
    align: 'end',
    cell: ({ traffic }) => (traffic === null ? '—' : traffic.requests_per_second.toLocaleString()),
  },
];

/** Each edge and the revision that it has in force. */
export function EdgesPanel() {
  const [edges, refresh] = useResource<readonly Edge[]>('/postern/v1/edges', {
    on: ({ kind }) => kind.startsWith('edge_') || kind === 'revision_committed',
    every: 10_000,
  });
  return (
    <Panel
      title="Edges"
      aside={<Link to="/edges">All about edges</Link>}
      about="A change is in force once every edge has its revision."
    >
      <Awaited of={edges} retry={refresh} lines={3} empty={<p>No edge is connected: start one with "postern up".</p>}>
        {(rows) => <Table caption="Edges" columns={COLUMNS} rows={rows} keyOf={({ name }) => name} />}
      </Awaited>
    </Panel>
  );
}
