import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { Expiry } from '../../parts/expiry.tsx';
import { AreaField } from '../../parts/field.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

/** A CA as `GET /client/v4/zones/:zone/acm/custom_trust_store` has it. */
interface TrustedCa {
  readonly id: string;
  readonly issuer: string;
  readonly expires_on: string;
  readonly uploaded_on: string;
}

/** The CAs by which the edge verifies origins, where they are not the public ones. */
export function Trusted({ zone }: { readonly zone: Zone }) {
  const path = `/client/v4/zones/${zone.id}/acm/custom_trust_store`;
  const [cas, again] = useResource<readonly TrustedCa[]>(`${path}?page=${pageNumber('trusted')}&per_page=20`, {
    on: inZone(zone.id),
  });
  const [adding, setAdding] = useState(false);
  const guarded = useGuarded(zone.id);
  const remove = ({ id, issuer }: TrustedCa) =>
    guarded.begin({
      title: 'Trust a CA no more',
      act: 'Trust it no more',
      done: 'The CA is trusted no more.',
      call: { method: 'DELETE', path: `${path}/${id}` },
      change: null,
      final: true,
      about: `In the modes strict and origin_pull, pulls of origins whose certificate ${issuer} vouches for fail from then on. Without any CA here the public ones count again.`,
      onDone: again,
    });
  return (
    <Panel
      title="CAs of origins"
      about="In the modes strict and origin_pull, the edge verifies origins by these CAs. Without one, by the public CAs."
      aside={
        may('ssl:edit') && (
          <Button small onPress={() => setAdding(true)}>
            Trust a CA
          </Button>
        )
      }
    >
      <Awaited
        of={cas}
        retry={again}
        lines={2}
        empty={<p>No CA was uploaded: origins are verified by the public CAs.</p>}
      >
        {(rows, info) => (
          <>
            <Table caption="CAs of origins" keyOf={({ id }) => id} rows={rows} columns={columns(remove)} />
            <Pager info={info} what="CAs" name="trusted" />
          </>
        )}
      </Awaited>
      {adding && (
        <TrustForm
          path={path}
          onClose={(changed) => {
            setAdding(false);
            if (changed) again();
          }}
        />
      )}
      {guarded.view}
    </Panel>
  );
}

function columns(remove: (ca: TrustedCa) => void): readonly Column<TrustedCa>[] {
  return [
    { title: 'CA', names: true, cell: ({ issuer }) => <span class="break">{issuer}</span> },
    { title: 'Ends', cell: ({ expires_on: at }) => <Expiry at={at} /> },
    { title: 'Uploaded', cell: ({ uploaded_on: at }) => <Moment at={at} /> },
    ...(may('ssl:edit')
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: (ca: TrustedCa) => (
              <Button small kind="quiet" label={`Delete ${ca.issuer}`} onPress={() => remove(ca)}>
                Delete
              </Button>
            ),
          } as const,
        ]
      : []),
  ];
}

interface TrustFormProps {
  readonly path: string;
  readonly onClose: (changed: boolean) => void;
}

function TrustForm({ path, onClose }: TrustFormProps) {
  const [draft, change, done] = useDraft(`trust ${path}`, { certificate: '' });
  const action = useAction();
  const call: Call = { method: 'POST', path, body: { certificate: draft.certificate } };
  const submit = async () => {
    if ((await action.run(call)) === null) return;
    done();
    say('The CA is trusted.');
    onClose(true);
  };
  return (
    <Dialog title="Trust a CA for origins" onClose={() => onClose(false)}>
      <CallForm
        call={call}
        act="Trust it"
        busy={action.busy}
        problems={action.problems}
        pointers={['/certificate']}
        onSubmit={submit}
        onCancel={() => onClose(false)}
        lead={<p class="hint">From the first one on, public CAs no longer count for the origins of this zone.</p>}
      >
        <AreaField
          label="Certificate of the CA (PEM)"
          required
          rows={8}
          value={draft.certificate}
          onInput={(certificate) => change({ certificate })}
          placeholder="-----BEGIN CERTIFICATE-----"
          problems={problemsAt(action.problems, '/certificate')}
        />
      </CallForm>
    </Dialog>
  );
}
