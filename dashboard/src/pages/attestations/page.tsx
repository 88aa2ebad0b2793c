import '../../style/evidence.css';
import '../../style/pages/attestations.css';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { useKept } from '../../parts/kept.ts';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link, inQuery, place } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { type Attestation, type Locks, originKey, placeText, tellsOfLocks } from './lock.ts';
import { Looks } from './looks.tsx';
import { useLookNow } from './look-now.tsx';
import { Report } from './report.tsx';
import { Standing } from './standing.tsx';
import { chosenVerdict, VerdictFilter } from './verdict-filter.tsx';

const PER_PAGE = 50;
/** What is not told by an event: that it was looked at again, and is as before. */
const AGAIN = 30_000;

/** The locks of a zone: whether strangers are refused, and since when. */
export function Page({ zone }: ZonePageProps) {
  const live = { on: tellsOfLocks(zone.id), every: AGAIN };
  const [locks, lookAgain] = useResource<Locks>(`/postern/v1/zones/${zone.id}/lock`, live);
  const [found, listAgain] = useResource<readonly Attestation[]>(listPath(zone.id), live);
  const list = useKept(found);
  const refresh = () => {
    lookAgain();
    listAgain();
  };
  const look = useLookNow({ zone: zone.id, hostname: null, onDone: refresh });
  return (
    <>
      <PageHead
        title="Attestations"
        about="Postern asks each origin again and again as a stranger would, and keeps what it saw."
      >
        {look.button}
      </PageHead>
      {look.problems}
      <Panel title="The lock of this zone">
        <Awaited of={locks} retry={lookAgain} lines={2}>
          {(value) => <Standing locks={value} />}
        </Awaited>
        {look.call}
      </Panel>
      <Panel title="Origins" aside={<Search label="Search hostnames" />}>
        <VerdictFilter counts={locks.kind === 'ready' ? locks.value.counts : null} />
        <Awaited of={list} retry={listAgain} lines={5} empty={<NoneListed />}>
          {(rows, info) => (
            <>
              <Table
                caption="Origins"
                columns={columns(zone.name)}
                rows={rows}
                keyOf={({ origin }) => originKey(origin)}
              />
              <Pager info={info} what="origins" />
            </>
          )}
        </Awaited>
      </Panel>
      {locks.kind === 'ready' && locks.value.unattested.length > 0 && (
        <Unattested of={locks.value.unattested} zone={zone.name} />
      )}
      <Looks zone={zone} counts={locks.kind === 'ready' ? locks.value.counts : null} onChanged={refresh} />
      <Report zone={zone} />
    </>
  );
}

function listPath(zone: string): string {
  const query = new URLSearchParams({ page: String(pageNumber()), per_page: String(PER_PAGE) });
  const search = inQuery('q') ?? '';
  const verdict = chosenVerdict();
  if (search !== '') query.set('hostname', search);
  if (verdict !== null) query.set('verdict', verdict);
  return `/postern/v1/zones/${zone}/attestations?${query}`;
}

function NoneListed() {
  const { query } = place.value;
  if (query.get('q') !== null || query.get('verdict') !== null) return <p>No origin like this.</p>;
  return (
    <p>
      No origin has been looked at yet. The first look comes by itself soon after a proxied record presents a
      certificate.
    </p>
  );
}

const columns = (zone: string): readonly Column<Attestation>[] => [
  {
    title: 'Hostname',
    names: true,
    cell: ({ origin }) => (
      <span class="origin-name">
        <Link to={zonePath(zone, `/attestations/${encodeURIComponent(origin.hostname)}`)}>{origin.hostname}</Link>
        <span class="hint mono origin-place">{placeText(origin)}</span>
      </span>
    ),
  },
  { title: 'Lock', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
  { title: 'Since', cell: ({ since }) => <Moment at={since} /> },
  { title: 'Looked at', optional: true, cell: ({ seen_on }) => <Moment at={seen_on} /> },
  {
    title: 'Found',
    optional: true,
    cell: ({ found }) => <Found sentences={found} />,
  },
];

/** More are seen where one looks closer. */
const MOST_FOUND = 1;

function Found({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return <span class="muted">Nothing</span>;
  const more = sentences.length - MOST_FOUND;
  return (
    <span>
      {sentences.slice(0, MOST_FOUND).join(' ')}
      {more > 0 && <span class="muted"> And {more.toLocaleString()} more.</span>}
    </span>
  );
}

function Unattested({ of, zone }: { readonly of: Locks['unattested']; readonly zone: string }) {
  return (
    <Panel
      title="Hostnames without a lock"
      about="Nothing could hold here, so nobody looks. Until that changes, whoever knows the address of the origin can go around the edge."
      aside={<Link to={zonePath(zone, '/ssl/origin-server')}>Authenticated Origin Pulls</Link>}
    >
      <Table
        caption="Hostnames without a lock"
        rows={of}
        keyOf={({ hostname }) => hostname}
        columns={[
          { title: 'Hostname', names: true, cell: ({ hostname }) => hostname },
          { title: 'Why', cell: ({ because }) => because },
        ]}
      />
      {of.length >= MOST_SHOWN && <p class="hint">The first {MOST_SHOWN} of them.</p>}
    </Panel>
  );
}

/** As many as the API tells. */
const MOST_SHOWN = 100;
