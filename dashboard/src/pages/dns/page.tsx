import { useState } from 'preact/hooks';
import { inZone, type Resource, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { Switch } from '../../parts/switch.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { inQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { type DnsRecord, originText } from './record.ts';
import { RecordForm } from './record-form.tsx';

const PER_PAGE = 50;

/** The edge's routing table: which names it serves, and where their origins are. */
export function Page({ zone }: ZonePageProps) {
  const search = inQuery('q') ?? '';
  const query = new URLSearchParams({ page: String(pageNumber()), per_page: String(PER_PAGE), order: 'name' });
  if (search !== '') query.set('search', search);
  const path = `/client/v4/zones/${zone.id}/dns_records?${query}`;
  const [found, refresh] = useResource<readonly DnsRecord[]>(path, { on: inZone(zone.id) });
  const records = useKept(found);
  const [editing, setEditing] = useState<DnsRecord | 'new' | null>(null);
  const guarded = useGuarded(zone.id);
  const mayEdit = may('dns:edit');
  const close = (changed: boolean) => {
    setEditing(null);
    if (changed) refresh();
  };
  return (
    <>
      <PageHead
        title="DNS"
        about="Which names the edge serves, and where their origins are. These records route the edge alone: what the internet resolves stands at your DNS provider."
      >
        {mayEdit && (
          <Button kind="primary" onPress={() => setEditing('new')}>
            Add a record
          </Button>
        )}
      </PageHead>
      <Panel title="Records" aside={<Search label="Search records" />}>
        <Awaited
          of={records}
          retry={refresh}
          lines={6}
          empty={
            <p>{search === '' ? 'No record yet: add one for each name that the edge serves.' : 'None like this.'}</p>
          }
        >
          {(rows, info) => (
            <>
              <Table
                caption="Records"
                keyOf={({ id }) => id}
                rows={rows}
                columns={columns({ zone, mayEdit, edit: setEditing, guarded, refresh })}
              />
              <Pager info={info} what="records" />
            </>
          )}
        </Awaited>
      </Panel>
      {editing !== null && (
        <RecordForm
          zone={zone}
          record={editing === 'new' ? null : editing}
          now={editing === 'new' ? null : nowOf(editing, records)}
          onClose={close}
        />
      )}
      {guarded.view}
    </>
  );
}

/** A record as it is by now; as it was where the list is not there. */
function nowOf(record: DnsRecord, records: Resource<readonly DnsRecord[]>): DnsRecord | null {
  if (records.kind !== 'ready') return record;
  return records.value.find(({ id }) => id === record.id) ?? null;
}

interface Hands {
  readonly zone: Zone;
  readonly mayEdit: boolean;
  readonly edit: (record: DnsRecord) => void;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

function columns({ zone, mayEdit, edit, guarded, refresh }: Hands): readonly Column<DnsRecord>[] {
  const path = ({ id }: DnsRecord) => `/client/v4/zones/${zone.id}/dns_records/${id}`;
  const toggle = (record: DnsRecord, proxied: boolean) =>
    guarded.begin({
      title: proxied ? `Proxy ${record.name}` : `Take ${record.name} off the edge`,
      act: proxied ? 'Proxy it' : 'Take it off the edge',
      done: proxied ? `The edge serves ${record.name}.` : `This record of ${record.name} is DNS-only now.`,
      call: { method: 'PATCH', path: path(record), body: { proxied } },
      change: { kind: proxied ? 'record_orange' : 'record_grey', record: record.id },
      onDone: refresh,
    });
  const remove = (record: DnsRecord) =>
    guarded.begin({
      title: `Delete ${record.name}`,
      act: 'Delete it',
      done: `${record.name} is gone.`,
      call: { method: 'DELETE', path: path(record) },
      change: { kind: 'record_delete', record: record.id },
      final: true,
      onDone: refresh,
    });
  return [
    { title: 'Type', cell: ({ type }) => <span class="tag">{type}</span> },
    { title: 'Name', names: true, cell: ({ name }) => name },
    { title: 'Content', cell: ({ content }) => <span class="mono break">{content}</span> },
    {
      title: 'Proxied',
      cell: (record) => (
        <Switch
          hideLabel
          label={`Proxied: ${record.name}`}
          on={record.proxied}
          disabled={!mayEdit}
          onChange={(proxied) => toggle(record, proxied)}
        />
      ),
    },
    { title: 'Origin', optional: true, cell: (record) => <span class="muted">{originText(record)}</span> },
    ...(mayEdit
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: (record: DnsRecord) => (
              <span class="row end">
                <Button small kind="quiet" label={`Change ${record.name}`} onPress={() => edit(record)}>
                  Change
                </Button>
                <Button small kind="quiet" label={`Delete ${record.name}`} onPress={() => remove(record)}>
                  Delete
                </Button>
              </span>
            ),
          } as const,
        ]
      : []),
  ];
}
