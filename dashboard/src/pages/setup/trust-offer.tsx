import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { WholeFingerprint } from '../../parts/fingerprint.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note } from '../../parts/problems.tsx';
import { trusting } from '../../parts/trust.tsx';
import { TrustForm } from '../../parts/trust-form.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import type { Origin } from './certificate-looks.ts';

type Told = NonNullable<Origin['told_by_origin']>;

interface OfferProps {
  readonly zone: Zone;
  readonly offered: NonNullable<Origin['offered']>;
  readonly told: Told | null;
}

/** Trusts what the origin sent, without its being pasted: at once where the machine itself saw the same, else after comparing. */
export function Offer({ zone, offered, told }: OfferProps) {
  const what = offered.kind === 'self_signed' ? 'this certificate' : 'this CA';
  if (!may('ssl:edit')) return null;
  if (told?.said === 'same')
    return (
      <>
        <p>
          The command on <strong class="break">{told.host}</strong> saw the same certificate
          {told.told_on !== null && (
            <>
              {' '}
              (<Moment at={told.told_on} />)
            </>
          )}
          : nothing to compare.
        </p>
        <div class="row">
          <TrustButton zone={zone} offered={offered} what={what} isPrimary known={knownBy(told)} />
        </div>
        <Compare zone={zone} offered={offered} summary="Compare it yourself" />
      </>
    );
  const trust = <TrustButton zone={zone} offered={offered} what={what} />;
  if (told?.said === 'other')
    return (
      <Compare zone={zone} offered={offered} summary="I know why: trust what the edge was shown">
        {trust}
      </Compare>
    );
  return (
    <>
      <p>
        The command on the origin (install, or watch-report) tells here which certificate its server shows: run that
        first, and there is nothing to compare.
      </p>
      <Compare zone={zone} offered={offered} summary={`Trust ${what} without it: compare it yourself`}>
        {trust}
      </Compare>
    </>
  );
}

function knownBy({ host }: Told): string {
  return `${host ?? 'The origin'} saw the same certificate at its own server.`;
}

interface TrustButtonProps extends Pick<OfferProps, 'zone' | 'offered'> {
  readonly what: string;
  readonly isPrimary?: boolean;
  readonly known?: string;
}

function TrustButton({ zone, offered, what, isPrimary = false, known }: TrustButtonProps) {
  const { begin, busy, view } = useGuarded(zone.id);
  const deed = trusting(zone.id, { ...offered, what, ...(known === undefined ? {} : { known }) });
  return (
    <>
      <Button kind={isPrimary ? 'primary' : 'plain'} busy={busy} onPress={() => begin(deed)}>
        Trust {what}
      </Button>
      {view}
    </>
  );
}

interface CompareProps extends Pick<OfferProps, 'zone' | 'offered'> {
  readonly summary: string;
  /** What can be done once it is compared. */
  readonly children?: ComponentChildren;
}

/** Whoever trusts without a witness vouches that it is the right one. */
function Compare({ zone, offered, summary, children }: CompareProps) {
  return (
    <details>
      <summary>{summary}</summary>
      <p>
        SHA-256 of <span class="break">{offered.subject}</span>: <WholeFingerprint sha256={offered.fingerprint} />
      </p>
      <p class="hint">
        Compare it with the file on the origin: whoever sits between could have sent another. There{' '}
        <code>openssl x509 -in FILE -noout -fingerprint -sha256</code> prints it.
      </p>
      <div class="row">
        {children}
        <PasteCa zone={zone} isOther />
      </div>
    </details>
  );
}

/** The origin says that its own server shows something else than the edge was shown. */
export function ToldOther({ told, shown }: { readonly told: Told; readonly shown: string }) {
  const { certificate, host, told_on: at } = told;
  if (told.said !== 'other' || certificate === null) return null;
  return (
    <Note kind="problem">
      <p>
        <strong>The origin says otherwise. Somebody may stand between the edge and it.</strong> The command on{' '}
        <span class="break">{host}</span> saw another certificate at its own server
        {at !== null && (
          <>
            {' '}
            (<Moment at={at} />)
          </>
        )}
        : {certificate.self_signed && 'self-signed, '}
        <span class="break">{certificate.subject}</span> <WholeFingerprint sha256={certificate.fingerprint} />
      </p>
      <p>
        The edge was shown <WholeFingerprint sha256={shown} />
      </p>
      <p class="hint">
        It is harmless only where the record leads to another machine than that one, to a balancer before it, or where
        that one exchanged its certificate just now. Trust neither before you know which.
      </p>
    </Note>
  );
}

interface PasteProps {
  readonly zone: Zone;
  readonly isOther?: boolean;
  /** Subject of the certificate that is wanted, where that is known. */
  readonly wanted?: string | null;
}

/** The form for a CA that is at hand as a file. */
export function PasteCa({ zone, isOther = false, wanted = null }: PasteProps) {
  const [isOpen, setOpen] = useState(false);
  if (!may('ssl:edit')) return null;
  return (
    <>
      <Button small={!isOther} kind={isOther ? 'quiet' : 'plain'} onPress={() => setOpen(true)}>
        {isOther ? 'Paste it instead' : 'Trust the CA of the origin'}
      </Button>
      {isOpen && <TrustForm zone={zone.id} wanted={wanted} onClose={() => setOpen(false)} />}
    </>
  );
}
