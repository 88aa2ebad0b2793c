import '../../style/pages/edges.css';
import type { Edge, EdgeListening } from '../../api/edge.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { counted } from '../../parts/counted.ts';
import { EdgeState } from '../../parts/edge-state.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Addresses } from './addresses.tsx';
import { SharedIdentity } from './shared-identity.tsx';

const number = (value: number | undefined) => (value === undefined ? '—' : value.toLocaleString());

const COLUMNS: readonly Column<Edge>[] = [
  { title: 'Edge', names: true, cell: ({ name }) => <span class="nowrap">{name}</span> },
  { title: 'State', cell: (edge) => <State edge={edge} /> },
  { title: 'Revision', align: 'end', cell: ({ applied_revision }) => number(applied_revision) },
  { title: 'Visitors reach it at', cell: ({ listening }) => <Reached of={listening} /> },
  { title: 'Workers', align: 'end', optional: true, cell: ({ traffic }) => number(traffic?.workers) },
  { title: 'Requests/s', align: 'end', cell: (edge) => <Requests edge={edge} /> },
  { title: 'Visitors', align: 'end', optional: true, cell: ({ traffic }) => number(traffic?.visitor_connections) },
  { title: 'To origins', align: 'end', optional: true, cell: (edge) => <ToOrigins edge={edge} /> },
];

function State({ edge }: { readonly edge: Edge }) {
  return (
    <>
      <EdgeState edge={edge} />
      {edge.connected_since !== null && (
        <span class="hint block">
          connected <Moment at={edge.connected_since} />
        </span>
      )}
    </>
  );
}

function Requests({ edge: { traffic } }: { readonly edge: Edge }) {
  return (
    <>
      {number(traffic?.requests_per_second)}
      {traffic !== null && <span class="hint block">{number(traffic.requests)} in all</span>}
    </>
  );
}

const REACHED_BY = {
  operator: 'as somebody said',
  listener: 'as it listens',
  machine: 'addresses of its machine',
} as const satisfies Readonly<Record<EdgeListening['reached_by'], string>>;

const MOST_REACHED = 3;

function Reached({ of }: { readonly of: EdgeListening | null }) {
  if (of === null) return '—';
  const { reached, reached_by, https, http } = of;
  const more = reached.length - MOST_REACHED;
  return (
    <span class="edge-reached" title={`Listens at ${https}${http === null ? '' : ` and, without TLS, at ${http}`}`}>
      {reached.slice(0, MOST_REACHED).map((address) => (
        <span key={address} class="mono break">
          {address}
        </span>
      ))}
      <span class="hint">
        {more > 0 && `and ${more.toLocaleString()} more, `}
        {REACHED_BY[reached_by]}
      </span>
    </span>
  );
}

function Unsaid({ edges }: { readonly edges: readonly Edge[] }) {
  if (!edges.some(({ listening }) => listening !== null && listening.reached_by !== 'operator')) return null;
  return (
    <p class="hint">
      An edge behind another router or balancer does not know where visitors reach it: say it with{' '}
      <span class="mono">postern up --public-address</span>. The guide to lock an origin proposes it.
    </p>
  );
}

function ToOrigins({ edge: { traffic } }: { readonly edge: Edge }) {
  const waiting = traffic?.pulls_waiting ?? 0;
  return (
    <>
      {number(traffic?.origin_connections)}
      {waiting > 0 && <span class="hint block">{counted(waiting, 'pull waits', 'pulls wait')}</span>}
    </>
  );
}

/** The edges: which revision each has in force, what it refused and why, and what it does. */
export function Page() {
  const [edges, refresh] = useResource<readonly Edge[]>('/postern/v1/edges', {
    on: ({ kind }) => kind.startsWith('edge_') || kind === 'revision_committed',
    every: 5000,
  });
  return (
    <>
      <PageHead
        title="Edges"
        about="They stand before the origins. A change is in force once each of them has its revision."
      />
      <Panel
        title="All edges"
        about="Visitors and connections to origins are those open now; requests per second are of the last minute."
      >
        <Awaited of={edges} retry={refresh} lines={4} empty={<NoEdge />}>
          {(rows) => (
            <>
              <Rejected edges={rows} />
              <Table caption="Edges" columns={COLUMNS} rows={rows} keyOf={({ name }) => name} />
              <Unsaid edges={rows} />
            </>
          )}
        </Awaited>
      </Panel>
      <Addresses />
      <SharedIdentity />
    </>
  );
}

function NoEdge() {
  return (
    <p>
      No edge is connected, so that nobody serves the zones. Start one with <code>postern up</code>, or see what its log
      says.
    </p>
  );
}

function Rejected({ edges }: { readonly edges: readonly Edge[] }) {
  return edges.flatMap(({ name, rejected, applied_revision }) =>
    rejected === null
      ? []
      : [
          <Note key={name} kind="problem">
            <p>
              {name} refused revision {rejected.revision}, and keeps revision {applied_revision}: {rejected.because}
            </p>
          </Note>,
        ],
  );
}
