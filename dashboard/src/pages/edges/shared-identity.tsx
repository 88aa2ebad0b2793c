import type { Expiry } from '../../api/overview.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Expiry as Ends } from '../../parts/expiry.tsx';
import { Fingerprint } from '../../parts/fingerprint.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';

/** Whatever of it ends, whenever that is. */
const ALL = '/postern/v1/expiries?what=shared&within=36500d';

const COLUMNS: readonly Column<Expiry>[] = [
  { title: 'Certificate', names: true, cell: ({ name }) => <span class="break">{name}</span> },
  { title: 'SHA-256', cell: ({ id, name }) => <Fingerprint sha256={id} of={name} /> },
  { title: 'Ends', cell: ({ ends_on: at }) => <Ends at={at} calm /> },
];

/** The identity that is one for the whole installation, with the CAs that made it. */
export function SharedIdentity() {
  const [shared, again] = useResource<readonly Expiry[]>(may('ssl:read') ? ALL : null, {
    on: ({ kind }) => kind === 'bundle_changed',
  });
  if (!may('ssl:read')) return null;
  return (
    <Panel
      title="Shared certificate"
      about={
        <>
          What edges show under the global level, for every zone alike, and the CAs that made it. Postern renews it by
          itself; origins under that level trust the{' '}
          <a href="/ssl/static/authenticated_origin_pull_ca.pem" download="shared-pull-ca.pem">
            shared bundle
          </a>
          .
        </>
      }
    >
      <Awaited of={shared} retry={again} lines={3}>
        {(rows) => <Table caption="Shared certificate" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />}
      </Awaited>
    </Panel>
  );
}
