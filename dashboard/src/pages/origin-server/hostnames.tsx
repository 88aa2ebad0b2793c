import { useEffect, useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { useKept } from '../../parts/kept.ts';
import { LooksPausedOf } from '../../parts/looks-paused.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { Search } from '../../parts/search.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { inQuery, Link, setQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import { HostnameLevel } from './hostname-level.tsx';
import { SOURCES } from './identity.ts';
import { LockCell } from './lock-cell.tsx';
import { KINDS, LOOKS, levelWord, type PlanRow } from './plan.ts';

/** `pending_deployment` of src/wire/messages.ts: some edges may still do otherwise. */
const PENDING = 20103;
const LIMIT = '25';

interface HostnamesProps {
  readonly zone: Zone;
  /** Called once something is shown: the first page, or why there is none. */
  readonly onAnswered: () => void;
}

/** What the edge shows for each hostname and why, with the lock beside it. */
export function Hostnames({ zone, onAnswered }: HostnamesProps) {
  const search = inQuery('q') ?? '';
  const level = inQuery('level') ?? '';
  const after = inQuery('page');
  const on = inZone(zone.id);
  const query = new URLSearchParams({ limit: LIMIT });
  if (search !== '') query.set('hostname', search);
  if (level !== '') query.set('level', level);
  if (after !== null) query.set('cursor', after);
  const [found, again] = useResource<readonly PlanRow[]>(`/postern/v1/zones/${zone.id}/plans?${query}`, { on });
  const plans = useKept(found);
  const isAnswered = found.kind !== 'loading';
  useEffect(() => {
    if (isAnswered) onAnswered();
  }, [isAnswered, onAnswered]);
  const [changing, change] = useState<string | null>(null);
  const close = (changed: boolean) => {
    change(null);
    if (changed) again();
  };
  return (
    <Panel
      title="Hostnames"
      about="What the edge does for visits over https, which level decides, and whether the lock at the origin holds."
      aside={<Filters level={level} />}
    >
      <LooksPausedOf zone={zone} />
      <Awaited of={plans} retry={again} lines={8} empty={<NoHostnames {...{ zone, isFiltered: query.size > 1 }} />}>
        {(rows, info, messages) => (
          <>
            <Remarks messages={messages.filter(({ code }) => code === PENDING)} />
            <Table
              caption="Hostnames"
              keyOf={({ hostname }) => hostname}
              rows={rows}
              columns={columns({ zone, change })}
            />
            <CursorPager isFirst={after === null} next={info?.cursor ?? null} />
          </>
        )}
      </Awaited>
      {changing !== null && <HostnameLevel zone={zone} hostname={changing} onClose={close} />}
    </Panel>
  );
}

const CHOICES = [
  ['', 'Any level'],
  ['hostname', 'Hostname decides'],
  ['zone', 'Zone decides'],
  ['global', 'Global decides'],
  ['none', 'No level is on'],
] as const;

function Filters({ level }: { readonly level: string }) {
  return (
    <>
      <select
        class="filter"
        aria-label="Which level decides"
        value={level}
        onChange={(event) => setQuery({ level: event.currentTarget.value, page: null })}
      >
        {CHOICES.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <Search label="Search hostnames" />
    </>
  );
}

function NoHostnames({ zone, isFiltered }: { readonly zone: Zone; readonly isFiltered: boolean }) {
  if (isFiltered) return <p>No hostname like this.</p>;
  return (
    <p>
      No hostname yet: add a proxied record for each name that the edge serves, at{' '}
      <Link to={zonePath(zone.name, '/dns')}>DNS</Link>.
    </p>
  );
}

function CursorPager({ isFirst, next }: { readonly isFirst: boolean; readonly next: string | null }) {
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages of hostnames">
      <span />
      <Button small disabled={isFirst} onPress={() => setQuery({ page: null })}>
        From the start
      </Button>
      <Button small disabled={next === null} onPress={() => setQuery({ page: next })}>
        Next
      </Button>
    </nav>
  );
}

interface Hands {
  readonly zone: Zone;
  readonly change: (hostname: string) => void;
}

function columns({ zone, change }: Hands): readonly Column<PlanRow>[] {
  return [
    { title: 'Hostname', names: true, cell: ({ hostname }) => <span class="hostname">{hostname}</span> },
    {
      title: 'Pulls',
      cell: ({ https }) => (
        <span class="why">
          <span class={`tag ${LOOKS[https.kind]}`}>{KINDS[https.kind]}</span>
          <span class="hint">{https.sentence}</span>
        </span>
      ),
    },
    {
      title: 'Decided by',
      cell: (row) => (
        <span class="why">
          <span class="tag">{levelWord(row)}</span>
          <span class="hint">{row.why}</span>
        </span>
      ),
    },
    { title: 'Certificate', optional: true, cell: (row) => <Shown row={row} /> },
    { title: 'Lock', cell: (row) => <LockCell {...{ zone, row }} /> },
    ...(may('ssl:edit')
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: ({ hostname, verdict }: PlanRow) => (
              <span class="row end">
                <Button small kind="quiet" label={`Change what ${hostname} shows`} onPress={() => change(hostname)}>
                  Change
                </Button>
                <LockIt zone={zone} hostname={hostname} isLocked={verdict === 'locked'} />
              </span>
            ),
          } as const,
        ]
      : []),
  ];
}

interface LockItProps {
  readonly zone: Zone;
  readonly hostname: string;
  readonly isLocked: boolean;
}

/** The way to a lock; of one that holds, the way to what it was set up with. */
function LockIt({ zone, hostname, isLocked: isDone }: LockItProps) {
  const words = isDone ? 'Set up again' : 'Lock it';
  return (
    <Link
      class="button quiet small"
      to={`/setup/${encodeURIComponent(zone.name)}/${encodeURIComponent(hostname)}`}
      label={`${words}: the origin of ${hostname}`}
    >
      {words}
    </Link>
  );
}

function Shown({ row: { certificate, identity } }: { readonly row: PlanRow }) {
  if (certificate === null) return <span class="muted">None</span>;
  return (
    <span class="why">
      <span>{identity === null ? 'Certificate' : SOURCES[identity]}</span>
      <code title={certificate.fingerprint}>{certificate.fingerprint.slice(0, 16)}…</code>
      <Expiry at={certificate.expires_on} calm={identity !== 'uploaded'} />
    </span>
  );
}
