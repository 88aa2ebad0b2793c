import { useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { markedId } from '../../parts/marked.ts';
import { useGuarded } from '../../parts/guarded.tsx';
import { Pager, pageAsked } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type AskedVisitors, authoritiesPath, VisitorForm } from './visitor-form.tsx';

/** Hostnames that let in only visitors with a certificate of their own. */
export function VisitorAuthorities({ zone }: { readonly zone: Zone }) {
  const path = `/postern/v1/zones/${zone.id}/visitor_authorities?${pageAsked('visitors')}&per_page=20`;
  const [lists, again] = useResource<readonly AskedVisitors[]>(path, { on: inZone(zone.id) });
  const [open, setOpen] = useState<AskedVisitors | 'new' | null>(null);
  const guarded = useGuarded(zone.id);
  const mayEdit = may('ssl:edit');
  const drop = ({ hostname }: AskedVisitors) =>
    guarded.begin({
      title: `Visitors of ${hostname}`,
      act: 'Let them come without',
      done: `Visitors of ${hostname} need no certificate.`,
      call: { method: 'DELETE', path: authoritiesPath(zone.id, hostname) },
      change: { kind: 'visitor_authorities_delete', hostname },
      final: true,
      about: `Everybody gets in at ${hostname} from then on, unless a wildcard above it asks for a certificate.`,
      onDone: again,
    });
  return (
    <Panel
      title="Certificates of visitors"
      about="A hostname can ask its visitors for a certificate of CAs that you name: the edge lets in nobody else."
      aside={
        mayEdit && (
          <Button small onPress={() => setOpen('new')}>
            Ask for certificates
          </Button>
        )
      }
    >
      <Awaited of={lists} retry={again} lines={2} empty={<p>No hostname asks its visitors for a certificate.</p>}>
        {(rows, info) => (
          <>
            <Table
              caption="Hostnames that ask their visitors"
              keyOf={({ hostname }) => hostname}
              markOf={markOf}
              rows={rows}
              columns={mayEdit ? [...COLUMNS, actions(setOpen, drop)] : COLUMNS}
            />
            <Pager info={info} what="hostnames" name="visitors" />
          </>
        )}
      </Awaited>
      {open !== null && (
        <VisitorForm
          zone={zone}
          list={open === 'new' ? null : open}
          onClose={(changed) => {
            setOpen(null);
            if (changed) again();
          }}
        />
      )}
      {guarded.view}
    </Panel>
  );
}

/** A link may lead to one of its CAs. */
function markOf({ hostname, authorities }: AskedVisitors): string {
  const marked = markedId();
  return authorities.find(({ fingerprint }) => fingerprint === marked)?.fingerprint ?? hostname;
}

const COLUMNS: readonly Column<AskedVisitors>[] = [
  {
    title: 'Hostname',
    names: true,
    cell: ({ hostname, name }) => (
      <span class="why">
        <span class="break">{hostname}</span>
        {name !== null && <span class="hint break">{name}</span>}
      </span>
    ),
  },
  {
    title: 'CAs',
    cell: ({ authorities }) => (
      <ul class="names">
        {authorities.map(({ fingerprint, subject, expires_on: at }) => (
          <li key={fingerprint}>
            <span class="break">{subject}</span> <Expiry at={at} />
          </li>
        ))}
      </ul>
    ),
  },
];

function actions(change: (list: AskedVisitors) => void, drop: (list: AskedVisitors) => void): Column<AskedVisitors> {
  return {
    title: 'Actions',
    align: 'end',
    cell: (list) => (
      <span class="row end">
        <Button small kind="quiet" label={`Change the CAs of ${list.hostname}`} onPress={() => change(list)}>
          Change
        </Button>
        <Button small kind="quiet" label={`Ask no more: visitors of ${list.hostname}`} onPress={() => drop(list)}>
          Ask no more
        </Button>
      </span>
    ),
  };
}
