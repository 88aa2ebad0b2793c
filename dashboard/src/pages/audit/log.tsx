import { inZone, useResource } from '../../api/resource.ts';
import type { ListInfo } from '../../api/call.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { useKept } from '../../parts/kept.ts';
import { Moment } from '../../parts/moment.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Link, place } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import { actText, detailText } from './changes.ts';
import { type AuditEntry, subjectOf } from './entry.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { ExportLines } from './export.tsx';
import { auditQuery, Filters } from './filters.tsx';
import '../../style/pages/audit.css';

const PER_PAGE = 50;

/** Who changed what, from where and when: of a zone, or of everything that the token may see. */
export function AuditLog({ zone }: { readonly zone: Zone | null }) {
  const { query: address } = place.value;
  const query = auditQuery(zone?.id ?? null);
  const cursor = address.get('cursor');
  const path = `/postern/v1/audit?${pageOf(query, cursor)}`;
  const [found, refresh] = useResource<readonly AuditEntry[]>(path, {
    // Older pages do not change: nothing is taken out of the log.
    on: (event) => cursor === null && (zone === null || inZone(zone.id)(event)),
  });
  const entries = useKept(found);
  const entry = address.get('entry');
  return (
    <>
      <PageHead
        title="Audit log"
        about="Who changed what, from where and when. Never a key or a token; nothing is taken out."
      >
        <ExportLines query={query} />
      </PageHead>
      <Panel title="Entries">
        <Filters inZone={zone !== null} />
        <Awaited
          of={entries}
          retry={refresh}
          lines={8}
          empty={<p>No entry fits. Show other times or other actions.</p>}
        >
          {(rows, info) => (
            <>
              <Table caption="Entries" columns={columns(zone !== null)} rows={rows} keyOf={({ id }) => id} />
              <Places info={info} cursor={cursor} />
            </>
          )}
        </Awaited>
        <ApiCall call={{ method: 'GET', path }} of="Entries" />
      </Panel>
      {entry !== null && <EntryDialog key={entry} id={entry} zone={zone?.id ?? null} />}
    </>
  );
}

function pageOf(query: URLSearchParams, cursor: string | null): URLSearchParams {
  const asked = new URLSearchParams(query);
  asked.set('limit', String(PER_PAGE));
  if (cursor !== null) asked.set('cursor', cursor);
  return asked;
}

/** The address of this page with one word of its query changed. */
function withQuery(name: 'cursor' | 'entry', value: string | null): string {
  const query = new URLSearchParams(place.value.query);
  if (value === null) query.delete(name);
  else query.set(name, value);
  const text = query.toString();
  return `${place.value.path}${text === '' ? '' : `?${text}`}`;
}

function Places({ info, cursor }: { readonly info: ListInfo | null; readonly cursor: string | null }) {
  const next = info?.cursor ?? null;
  if (next === null && cursor === null) return null;
  return (
    <nav class="pager" aria-label="Pages of the audit log">
      <span>{next === null ? 'The oldest entries that fit' : 'Newest first'}</span>
      {cursor !== null && (
        <Link class="button small" to={withQuery('cursor', null)}>
          Newest
        </Link>
      )}
      {next !== null && (
        <Link class="button small" to={withQuery('cursor', next)}>
          Older
        </Link>
      )}
    </nav>
  );
}

function Detail({ of }: { readonly of: AuditEntry }) {
  const text = detailText(of);
  return text === '' ? null : <span class="hint entry-detail">{text}</span>;
}

function columns(isOfZone: boolean): readonly Column<AuditEntry>[] {
  return [
    {
      title: 'What',
      names: true,
      cell: (entry) => (
        <Link class="entry-link" to={withQuery('entry', entry.id)}>
          {actText(entry)} <span class="entry-subject">{subjectOf(entry)}</span>
          <Detail of={entry} />
        </Link>
      ),
    },
    ...(isOfZone
      ? []
      : [
          {
            title: 'Zone',
            optional: true,
            cell: ({ zone }: AuditEntry) => {
              if (zone === null) return <span class="muted">—</span>;
              return zone.name === null ? zone.id : <Link to={zonePath(zone.name, '/audit')}>{zone.name}</Link>;
            },
          },
        ]),
    {
      title: 'Who',
      cell: ({ actor }) => (
        <span class="stack actor">
          <span class="break">{actor.name ?? actor.token}</span>
          <span class="hint mono">{actor.from}</span>
        </span>
      ),
    },
    { title: 'When', cell: ({ at }) => <Moment at={at} /> },
  ];
}
