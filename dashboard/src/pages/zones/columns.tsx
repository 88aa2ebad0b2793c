import { endingWords, type ZoneRow } from '../../api/overview.ts';
import { Moment } from '../../parts/moment.tsx';
import type { Column } from '../../parts/table.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';

/** What the list of zones says of each. */
export const COLUMNS: readonly Column<ZoneRow>[] = [
  { title: 'Zone', names: true, cell: (row) => <Name row={row} /> },
  { title: 'Lock', cell: (row) => <Lock row={row} /> },
  { title: 'Since', optional: true, cell: ({ since }) => (since === null ? '—' : <Moment at={since} />) },
  { title: 'Hostnames', align: 'end', optional: true, cell: (row) => <Hostnames row={row} /> },
  { title: 'Concerns', optional: true, cell: (row) => <Concerns row={row} /> },
  { title: 'Ends first', optional: true, cell: (row) => <Ends row={row} /> },
];

function Name({ row: { zone, paused, rotation } }: { readonly row: ZoneRow }) {
  return (
    <span class="row">
      <Link to={zonePath(zone.name)}>{zone.name}</Link>
      {paused && <span class="tag">Paused</span>}
      {rotation !== null && (
        <Link to={zonePath(zone.name, `/rotations/${rotation.id}`)} class="tag">
          Rotation {rotation.paused ? 'paused' : 'in progress'}
        </Link>
      )}
    </span>
  );
}

function Lock({ row: { verdict, looks_paused_until: until } }: { readonly row: ZoneRow }) {
  return (
    <>
      <VerdictBadge verdict={verdict} />
      {until !== null && (
        <span class="hint block">
          Nobody looks until <Moment at={until} full />
        </span>
      )}
    </>
  );
}

function Hostnames({ row: { hostnames } }: { readonly row: ZoneRow }) {
  const { served, locked } = hostnames;
  if (served === 0) return <span class="muted">None yet</span>;
  return (
    <>
      {served.toLocaleString()} <span class="muted">({locked.toLocaleString()} locked)</span>
    </>
  );
}

function Concerns({ row: { concerns } }: { readonly row: ZoneRow }) {
  const { critical, warning } = concerns;
  const words = [
    ...(critical > 0 ? [`${critical.toLocaleString()} critical`] : []),
    ...(warning > 0 ? [`${warning.toLocaleString()} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  return <span class={words.length === 0 ? 'muted' : undefined}>{words.length === 0 ? 'None' : words.join(', ')}</span>;
}

// What somebody has to see to matters more than what renews itself sooner.
function Ends({ row: { next_end, next_end_by_hand } }: { readonly row: ZoneRow }) {
  const next = next_end_by_hand ?? next_end;
  if (next === null) return <span class="muted">Nothing</span>;
  return (
    <>
      <Moment at={next.ends_on} />
      <span class="hint block">
        {endingWords(next)}, {next.renews_itself ? 'renews itself' : 'by hand'}
      </span>
    </>
  );
}
