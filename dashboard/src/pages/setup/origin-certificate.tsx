import { useState } from 'preact/hooks';
import type { CertificateLook } from '../../../../src/wire/origin-certificate-looks.ts';
import type { Resource } from '../../api/resource.ts';
import { comparable } from '../../parts/comparable.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import { trusting } from '../../parts/trust.ts';
import { TrustForm } from '../../parts/trust-form.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type Alike, alike, isOfTrust, type Looks, type Origin, useCertificateLooks } from './certificate-looks.ts';

type Offered = NonNullable<Origin['offered']>;

interface CertificatesProps {
  readonly zone: Zone;
  readonly names: readonly string[];
}

/** What certificates the origins of names show now, whether the edge believes them, and what to do where it does not. */
export function OriginCertificates({ zone, names }: CertificatesProps) {
  const [seen, again] = useCertificateLooks(zone.id, names);
  return <SeenCertificates zone={zone} seen={seen} again={again} />;
}

interface SeenProps {
  readonly zone: Zone;
  readonly seen: Resource<Looks>;
  readonly again: () => void;
}

/** The same where somebody has looked already. */
export function SeenCertificates({ zone, seen, again }: SeenProps) {
  return (
    <Awaited of={seen} retry={again} lines={4}>
      {({ looks, failed }) => (
        <>
          {failed.map(({ hostname, problems }) => (
            <section key={hostname} aria-label={hostname}>
              <Problems problems={problems} />
            </section>
          ))}
          <Looked zone={zone} looks={looks} again={again} />
        </>
      )}
    </Awaited>
  );
}

function Looked({ zone, looks, again }: Omit<SeenProps, 'seen'> & Pick<Looks, 'looks'>) {
  const [first] = looks;
  if (first === undefined) return null;
  return (
    <div class="setup-origin">
      {alike(looks).map((one) => (
        <OneCertificate key={one.key} zone={zone} alike={one} />
      ))}
      {first.trusted.length > 0 && <Trusted trusted={first.trusted} />}
      <div class="row">
        <Button small kind="quiet" onPress={again} label={`Look again at the certificate of ${namesOf(looks)}`}>
          Look again
        </Button>
        <span class="hint">
          Looked at <Moment at={first.looked_on} />.
        </span>
      </div>
    </div>
  );
}

function namesOf(looks: Looks['looks']): string {
  return looks.map(({ hostname }) => hostname).join(', ');
}

interface AlikeProps {
  readonly zone: Zone;
  readonly alike: Alike;
}

function OneCertificate(props: AlikeProps) {
  const { names, origin } = props.alike;
  if (origin.certificate === null) return <Unseen {...props} />;
  const { issuer, expires_on: ends } = origin.certificate;
  if (origin.believed === true)
    return (
      <Note kind="good">
        <p>
          <strong>{names.join(', ')}</strong>: the edge believes the certificate of the origin. It is signed by{' '}
          <span class="break">{issuer}</span> and holds until <Moment at={ends} day />. There is nothing to do here.
        </p>
      </Note>
    );
  return <Unbelieved {...props} shown={origin.certificate} />;
}

function Unseen({ zone, alike: { names, places, origin } }: AlikeProps) {
  return (
    <Note kind="warning">
      <p>
        <strong>{names.join(', ')}</strong>: which certificate the origin at {places.join(', ')} shows could not be
        seen. {origin.why}
      </p>
      <p class="hint">
        Start the server there and look again. Where you know that its certificate is of a CA of your own, have the edge
        trust that CA now.
      </p>
      <PasteCa zone={zone} />
    </Note>
  );
}

function Unbelieved({
  zone,
  alike: { names, places, verifies, origin },
  shown,
}: AlikeProps & { readonly shown: NonNullable<Origin['certificate']> }) {
  const { faults, offered } = origin;
  const isAstray = faults.some(isOfTrust);
  const others = faults.filter((fault) => !isOfTrust(fault));
  const isSelfSigned = faults.some(({ code }) => code === 'self_signed');
  return (
    <Note kind={verifies ? 'problem' : 'warning'}>
      <p>
        <strong>{names.join(', ')}</strong>: the edge does not believe the certificate that the origin at{' '}
        {places.join(', ')} shows.{' '}
        {verifies
          ? 'Every visitor gets an error (526) until that is mended.'
          : 'In the present mode it asks for none that it believes.'}
      </p>
      {isAstray && <Signed isSelf={isSelfSigned} isSent={offered !== null} shown={shown} />}
      {others.length > 0 && (
        <ul class="setup-notes">
          {others.map(({ code, text, fix }) => (
            <li key={code}>
              {text} {fix}
            </li>
          ))}
        </ul>
      )}
      {isAstray && (offered === null ? <PasteCa zone={zone} /> : <Offer zone={zone} offered={offered} />)}
    </Note>
  );
}

interface SignedProps {
  readonly isSelf: boolean;
  /** The origin sent what would have to be trusted. */
  readonly isSent: boolean;
  readonly shown: NonNullable<Origin['certificate']>;
}

/** Who signed it, and where the file of that CA is likely to be. */
function Signed({ isSelf, isSent, shown: { subject, issuer } }: SignedProps) {
  if (isSelf)
    return (
      <p>
        The certificate <strong class="break">{subject}</strong> has signed itself, and no edge trusts it yet.
      </p>
    );
  return (
    <>
      <p>
        It is signed by <strong class="break">{issuer}</strong>, which no edge trusts yet for this zone.
      </p>
      {!isSent && (
        <p class="hint">
          The origin did not send that CA. Its file is where the certificate was made, not at the server: often named
          ca.pem, ca.crt or rootCA.pem (mkcert -CAROOT says where; easy-rsa: pki/ca.crt).
        </p>
      )}
    </>
  );
}

/** Trusts what the origin sent, without its being pasted: whoever does so vouches that it is the right one. */
function Offer({ zone, offered }: { readonly zone: Zone; readonly offered: Offered }) {
  const { begin, busy, view } = useGuarded(zone.id);
  const isSelf = offered.kind === 'self_signed';
  const what = isSelf ? 'this certificate' : 'this CA';
  if (!may('ssl:edit')) return null;
  return (
    <>
      <p>
        {isSelf
          ? 'Its fingerprint (SHA-256) is:'
          : `The origin sent that CA along, ${offered.subject}. Its fingerprint (SHA-256) is:`}
      </p>
      <code class="break">{comparable(offered.fingerprint)}</code>
      <p class="hint">
        Compare it with the one on the origin before you trust it: whoever sits between could have sent another. There{' '}
        <code>openssl x509 -in FILE -noout -fingerprint -sha256</code> prints it.
      </p>
      <div class="row">
        <Button busy={busy} onPress={() => begin(trusting(zone.id, { ...offered, what }))}>
          Trust {what}
        </Button>
        <PasteCa zone={zone} isOther />
      </div>
      {view}
    </>
  );
}

/** The form for a CA that is at hand as a file. */
export function PasteCa({ zone, isOther = false }: { readonly zone: Zone; readonly isOther?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  if (!may('ssl:edit')) return null;
  return (
    <>
      <Button small={!isOther} kind={isOther ? 'quiet' : 'plain'} onPress={() => setOpen(true)}>
        {isOther ? 'Paste it instead' : 'Trust the CA of the origin'}
      </Button>
      {isOpen && <TrustForm zone={zone.id} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Whom the edge believes in the zone, in place of public CAs. */
function Trusted({ trusted }: { readonly trusted: CertificateLook['trusted'] }) {
  return (
    <div>
      <p class="hint">For origins of this zone the edge trusts, in place of public CAs:</p>
      <ul class="trusted-cas">
        {trusted.map(({ subject, fingerprint, expires_on: at }) => (
          <li key={fingerprint}>
            <strong class="break">{subject}</strong>, until <Moment at={at} day />
            <code class="break">{comparable(fingerprint)}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
