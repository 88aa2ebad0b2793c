import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { Fingerprint } from '../../parts/fingerprint.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Zone } from '../../zone.tsx';

/** A hostname as `GET /postern/v1/zones/:zone/visitor_authorities` has it. */
interface Asking {
  readonly hostname: string;
  readonly name: string;
  readonly authorities: readonly {
    readonly subject: string;
    readonly fingerprint: string;
    readonly expires_on: string;
  }[];
}

interface Row {
  readonly hostname: string;
  readonly authority: Asking['authorities'][number];
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CA', names: true, cell: ({ authority }) => <span class="break">{authority.subject}</span> },
  { title: 'Asked for by', cell: ({ hostname }) => <span class="break">{hostname}</span> },
  {
    title: 'SHA-256',
    optional: true,
    cell: ({ authority: { fingerprint, subject } }) => <Fingerprint sha256={fingerprint} of={subject} />,
  },
  { title: 'Ends', cell: ({ authority }) => <Expiry at={authority.expires_on} /> },
];

/** Which hostnames ask their visitors for a certificate, and by which CAs. */
export function VisitorAuthorities({ zone }: { readonly zone: Zone }) {
  const [lists, again] = useResource<readonly Asking[]>(
    `/postern/v1/zones/${zone.id}/visitor_authorities?page=${pageNumber('asking')}&per_page=20`,
    { on: inZone(zone.id) },
  );
  return (
    <Panel
      title="Hostnames that ask visitors for a certificate"
      about={
        <>
          Their visitors have to show one that these CAs vouch for. <code>postern visitors</code> changes the lists.
        </>
      }
    >
      <Awaited of={lists} retry={again} lines={2} empty={<p>No hostname asks its visitors for a certificate.</p>}>
        {(asking, info) => (
          <>
            <Table
              caption="CAs of visitors"
              columns={COLUMNS}
              rows={asking.flatMap(({ hostname, authorities }) =>
                authorities.map((authority) => ({ hostname, authority })),
              )}
              keyOf={({ hostname, authority }) => `${hostname} ${authority.fingerprint}`}
              markOf={({ authority }) => authority.fingerprint}
            />
            <Pager info={info} what="hostnames" name="asking" />
          </>
        )}
      </Awaited>
    </Panel>
  );
}
