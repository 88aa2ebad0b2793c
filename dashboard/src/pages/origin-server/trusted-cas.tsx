import { useState } from 'preact/hooks';
import type { View } from '../../../../src/wire/answer-fields.ts';
import type { TRUSTED_CA } from '../../../../src/wire/certificate-views.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { Fingerprint } from '../../parts/fingerprint.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageAsked } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { trustStore } from '../../parts/trust.tsx';
import { TrustForm } from '../../parts/trust-form.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

/** A CA as `GET /client/v4/zones/:zone/acm/custom_trust_store` has it. */
type TrustedCa = View<typeof TRUSTED_CA>;

/** The CAs that the edge believes when an origin shows its own certificate. */
export function TrustedCas({ zone }: { readonly zone: Zone }) {
  const path = trustStore(zone.id);
  const query = `${pageAsked('trusted')}&per_page=20`;
  const [cas, again] = useResource<readonly TrustedCa[]>(`${path}?${query}`, { on: inZone(zone.id) });
  const [isOpen, setOpen] = useState(false);
  const guarded = useGuarded(zone.id);
  const mayEdit = may('ssl:edit');
  const distrust = ({ id, subject }: TrustedCa) =>
    guarded.begin({
      title: 'End the trust in a CA',
      act: 'End it',
      done: 'The edge believes it no more.',
      call: { method: 'DELETE', path: `${path}/${id}` },
      change: { kind: 'trusted_ca_delete', cert_id: id },
      final: true,
      about: `Origins of this zone whose own certificate comes from ${subject} are not pulled from any more: visitors get a page with 526. Without any CA here public ones and the Origin CA count again.`,
      onDone: again,
    });
  return (
    <Panel
      title="Certificates of the origins themselves"
      about="In the mode Full (strict) the edge verifies who it pulls from. Without an entry it believes public CAs and Postern's Origin CA; with one, only those that stand here."
      aside={
        mayEdit && (
          <Button small onPress={() => setOpen(true)}>
            Trust a CA
          </Button>
        )
      }
    >
      <Awaited of={cas} retry={again} lines={2} empty={<Nothing />}>
        {(rows, info) => (
          <>
            <Table
              caption="Trusted CAs"
              keyOf={({ id }) => id}
              rows={rows}
              columns={mayEdit ? [...COLUMNS, actions(distrust)] : COLUMNS}
            />
            <Pager info={info} what="CAs" name="trusted" />
          </>
        )}
      </Awaited>
      {isOpen && (
        <TrustForm
          zone={zone.id}
          onClose={(changed) => {
            setOpen(false);
            if (changed) again();
          }}
        />
      )}
      {guarded.view}
    </Panel>
  );
}

const COLUMNS: readonly Column<TrustedCa>[] = [
  { title: 'CA', names: true, cell: ({ subject }) => <span class="break">{subject}</span> },
  {
    title: 'SHA-256',
    cell: ({ fingerprint, subject }) => <Fingerprint sha256={fingerprint} of={subject} />,
  },
  { title: 'Signature', optional: true, cell: ({ signature }) => signature },
  { title: 'Added', optional: true, cell: ({ uploaded_on: at }) => <Moment at={at} /> },
  { title: 'Ends', cell: ({ expires_on: at }) => <Expiry at={at} /> },
];

function actions(distrust: (ca: TrustedCa) => void): Column<TrustedCa> {
  return {
    title: 'Actions',
    align: 'end',
    cell: (ca) => (
      <Button small kind="quiet" label={`End the trust in ${ca.subject}`} onPress={() => distrust(ca)}>
        End the trust
      </Button>
    ),
  };
}

function Nothing() {
  return (
    <p>
      Public CAs and Postern's Origin CA count. Add yours where an origin has a certificate of another CA, or a
      self-signed one.
    </p>
  );
}
