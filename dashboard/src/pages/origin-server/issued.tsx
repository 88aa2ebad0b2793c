import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageAsked } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

/** A certificate as `GET /client/v4/certificates` has it. */
interface IssuedCertificate {
  readonly id: string;
  readonly hostnames: readonly string[];
  readonly expires_on: string;
  readonly revoked_at?: string;
}

const PATH = '/client/v4/certificates';

/** What the Origin CA of this installation issued for origins of the zone to show. */
export function Issued({ zone }: { readonly zone: Zone }) {
  const [issued, again] = useResource<readonly IssuedCertificate[]>(
    `${PATH}?zone_id=${zone.id}&${pageAsked('issued')}&per_page=20`,
    { on: inZone(zone.id) },
  );
  const guarded = useGuarded(zone.id);
  const revoke = ({ id, hostnames }: IssuedCertificate) =>
    guarded.begin({
      title: 'Revoke a certificate of an origin',
      act: 'Revoke it',
      done: 'The certificate is revoked.',
      call: { method: 'DELETE', path: `${PATH}/${id}` },
      change: null,
      final: true,
      about: `Strict pulls refuse an origin that shows it: ${hostnames.join(', ')}.`,
      onDone: again,
    });
  return (
    <Panel
      title="Certificates of origins"
      about={
        <>
          What the Origin CA of this installation issued for origins to show to the edge.{' '}
          <code>POST /client/v4/certificates</code> issues one for a request.
        </>
      }
    >
      <Awaited of={issued} retry={again} lines={2} empty={<p>The Origin CA has issued none for this zone.</p>}>
        {(rows, info) => (
          <>
            <Table caption="Certificates of origins" keyOf={({ id }) => id} rows={rows} columns={columns(revoke)} />
            <Pager info={info} what="certificates" name="issued" />
          </>
        )}
      </Awaited>
      {guarded.view}
    </Panel>
  );
}

function columns(revoke: (one: IssuedCertificate) => void): readonly Column<IssuedCertificate>[] {
  return [
    { title: 'Names', names: true, cell: ({ hostnames }) => <span class="break">{hostnames.join(', ')}</span> },
    { title: 'Serial number', optional: true, cell: ({ id }) => <span class="mono break">{id}</span> },
    { title: 'Ends', cell: ({ expires_on: at }) => <Expiry at={at} /> },
    ...(may('ssl:edit')
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: (one: IssuedCertificate) =>
              one.revoked_at === undefined ? (
                <Button
                  small
                  kind="quiet"
                  label={`Revoke that of ${one.hostnames.join(', ')}`}
                  onPress={() => revoke(one)}
                >
                  Revoke
                </Button>
              ) : (
                <span class="hint">
                  Revoked <Moment at={one.revoked_at} />
                </span>
              ),
          } as const,
        ]
      : []),
  ];
}
