import { useMemo, useState } from 'preact/hooks';
import type { ApiProblem, Call } from '../api/call.ts';
import { problemsAt } from './action.ts';
import { CallForm } from './call-form.tsx';
import { CertificateField } from './certificate-field.tsx';
import { Consequences, type Impact } from './consequences.tsx';
import { Code } from './copy.tsx';
import { Dialog } from './dialog.tsx';
import { findCa } from './find-ca.ts';
import { useGuardedForm } from './guarded-form.ts';
import { trusting, trustStore } from './trust.tsx';
import { holdsKey, useTrustImpact } from './trust-impact.ts';

interface TrustFormProps {
  readonly zone: string;
  /** Subject of the certificate that is wanted, where that is known. */
  readonly wanted?: string | null;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** Has the edge believe a CA when an origin shows its own certificate. What follows stands in the form before it is sent. */
export function TrustForm({ zone, wanted = null, onClose }: TrustFormProps) {
  const [certificate, change] = useState('');
  const [sent, send] = useState<string | null>(null);
  const { begin, busy, problems: refused, view } = useGuardedForm(zone);
  const { impact, isAsking } = useTrustImpact(zone, certificate);
  const problems = useMemo(
    () => problemsOf({ certificate, impact, refused: sent === certificate ? refused : [] }),
    [certificate, impact, refused, sent],
  );
  const call: Call = { method: 'POST', path: trustStore(zone), body: { certificate } };
  const submit = async () => {
    if (holdsKey(certificate)) return;
    send(certificate);
    begin({
      ...trusting(zone, { certificate, what: 'this CA' }),
      ...(impact === null ? {} : { shown: impact.consequences }),
      onDone: () => onClose(true),
    });
  };
  return (
    <>
      <Dialog title="Trust a CA" wide onClose={() => onClose(false)}>
        <CallForm
          call={call}
          act="Trust it"
          busy={busy || isAsking}
          problems={problems}
          pointers={['/certificate']}
          onSubmit={submit}
          onCancel={() => onClose(false)}
          wide
          lead={
            <p>
              The edge believes certificates of origins of this zone that this CA signed. From the first one on, public
              CAs and Postern's Origin CA no longer count here.
            </p>
          }
        >
          <CertificateField
            label="CA certificate (PEM)"
            value={certificate}
            onInput={change}
            hint={
              wanted === null
                ? 'The root that signed the certificate of the origin; for a self-signed one, that certificate itself. Its key stays where it is.'
                : `The one whose subject is ${wanted}. Its key stays where it is.`
            }
            problems={problemsAt(problems, '/certificate')}
          />
          {wanted !== null && <WhereItIs subject={wanted} />}
          <Follows impact={impact} isAsking={isAsking} />
        </CallForm>
      </Dialog>
      {view}
    </>
  );
}

/** Whoever has the dialog before him cannot open what stands on the page below it. */
function WhereItIs({ subject }: { readonly subject: string }) {
  const command = findCa(subject);
  return (
    <details>
      <summary>Where is that file?</summary>
      <div class="where">
        <p class="hint">
          Where the certificate was made: often ca.pem, ca.crt or rootCA.pem (mkcert -CAROOT says where; easy-rsa:
          pki/ca.crt).
        </p>
        {command !== null && (
          <>
            <p>
              It may lie on the origin. Run this there as root, in a second terminal: what runs in the first one goes
              on. Paste here what it prints from BEGIN to END. It prints no key; where it prints nothing, the file lies
              elsewhere.
            </p>
            <Code label="Find it on the origin" text={command} />
          </>
        )}
      </div>
    </details>
  );
}

interface FollowsProps {
  readonly impact: Impact | null;
  readonly isAsking: boolean;
}

/** What the origins show now, weighed against it: read here, it is not asked again. */
function Follows({ impact, isAsking }: FollowsProps) {
  return (
    <div role="status">
      {isAsking && <p class="hint">Looking at what the origins show now…</p>}
      {impact !== null && !impact.isUnfit && <Consequences of={impact.consequences} />}
    </div>
  );
}

const KEY: readonly ApiProblem[] = [
  {
    code: 0,
    message: 'A private key stands in it: take that out. Only the certificate is wanted, and nothing was sent.',
    pointer: '/certificate',
  },
];

interface Told {
  readonly certificate: string;
  readonly impact: Impact | null;
  readonly refused: readonly ApiProblem[];
}

/** What is wrong with what stands in the field now. */
function problemsOf({ certificate, impact, refused }: Told): readonly ApiProblem[] {
  if (holdsKey(certificate)) return KEY;
  return refused.length === 0 && impact?.isUnfit === true ? impact.problems : refused;
}
