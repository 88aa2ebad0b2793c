import type { Call } from '../api/call.ts';
import { problemsAt } from './action.ts';
import { CallForm } from './call-form.tsx';
import { CertificateField } from './certificate-field.tsx';
import { Dialog } from './dialog.tsx';
import { useDraft } from './draft.ts';
import { useGuardedForm } from './guarded-form.ts';
import { trusting, trustStore } from './trust.ts';

interface TrustFormProps {
  readonly zone: string;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** Has the edge believe a CA when an origin shows its own certificate. */
export function TrustForm({ zone, onClose }: TrustFormProps) {
  const path = trustStore(zone);
  const [draft, change, forget] = useDraft(`trust ${zone}`, { certificate: '' });
  const { begin, busy, problems, view } = useGuardedForm(zone);
  const call: Call = { method: 'POST', path, body: draft };
  const submit = async () =>
    begin({
      ...trusting(zone, { certificate: draft.certificate, what: 'this CA' }),
      onDone: () => {
        forget();
        onClose(true);
      },
    });
  return (
    <>
      <Dialog title="Trust a CA" wide onClose={() => onClose(false)}>
        <CallForm
          call={call}
          act="Trust it"
          busy={busy}
          problems={problems}
          pointers={['/certificate']}
          onSubmit={submit}
          onCancel={() => onClose(false)}
          wide
          lead={
            <p>
              The edge believes certificates of origins of this zone that this CA signed. From the first one on, public
              CAs and Postern's Origin CA no longer count here. Before anything is changed, Postern looks at what the
              origins show now, and says whose certificate is of this CA and whose would not count any more.
            </p>
          }
        >
          <CertificateField
            label="CA certificate (PEM)"
            value={draft.certificate}
            onInput={(certificate) => change({ certificate })}
            hint="The root that signed the certificate of the origin; for a self-signed one, that certificate itself. Its key stays where it is."
            problems={problemsAt(problems, '/certificate')}
          />
        </CallForm>
      </Dialog>
      {view}
    </>
  );
}
