import type { CertificateLook } from '../../../../src/wire/origin-certificate-looks.ts';
import type { Resource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { WholeFingerprint } from '../../parts/fingerprint.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import type { Zone } from '../../zone.tsx';
import { type Alike, alike, isOfTrust, type Looks, type Origin } from './certificate-looks.ts';
import { Offer, PasteCa, ToldOther } from './trust-offer.tsx';

/** When it matters that the edge does not believe an origin: not before what is to be done first, now, or it fails already. */
export type Urgency = 'later' | 'now' | 'failing';

interface SeenProps {
  readonly zone: Zone;
  readonly seen: Resource<Looks>;
  readonly again: () => void;
  readonly urgency: Urgency;
}

/** What certificates the origins of names show now, whether the edge believes them, and what to do where it does not. */
export function SeenCertificates({ zone, seen, again, urgency }: SeenProps) {
  return (
    <Awaited of={seen} retry={again} lines={4}>
      {({ looks, failed }) => (
        <>
          {failed.map(({ hostname, problems }) => (
            <section key={hostname} aria-label={hostname}>
              <Problems problems={problems} />
            </section>
          ))}
          <Looked zone={zone} looks={looks} again={again} urgency={urgency} />
        </>
      )}
    </Awaited>
  );
}

function Looked({ zone, looks, again, urgency }: Omit<SeenProps, 'seen'> & Pick<Looks, 'looks'>) {
  const [first] = looks;
  if (first === undefined) return null;
  return (
    <div class="setup-origin">
      {alike(looks).map((one) => (
        <OneCertificate key={one.key} zone={zone} alike={one} urgency={urgency} />
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
  readonly urgency: Urgency;
}

function OneCertificate(props: AlikeProps) {
  const { names, origin } = props.alike;
  if (origin.certificate === null) return <Unseen {...props} />;
  const { issuer, fingerprint, expires_on: ends } = origin.certificate;
  const told = origin.told_by_origin;
  if (origin.believed === true)
    return (
      <>
        <Note kind="good">
          <p>
            <strong>{names.join(', ')}</strong>: the edge believes the certificate of the origin. It is signed by{' '}
            <span class="break">{issuer}</span> and holds until <Moment at={ends} day />. There is nothing to do here.
          </p>
        </Note>
        {told !== null && <ToldOther told={told} shown={fingerprint} />}
      </>
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

const KINDS = { later: 'info', now: 'warning', failing: 'problem' } as const satisfies Readonly<
  Record<Urgency, string>
>;

/** What follows from it where the edge has to believe the origin. */
const FOLLOWS: Readonly<Record<Urgency, string>> = {
  later:
    'Until it does, a visit through the edge gets an error (526). Nothing to do yet: what stands above comes first.',
  now: 'Until it does, a visit through the edge gets an error (526).',
  failing: 'Every visitor gets an error (526).',
};

function Unbelieved({
  zone,
  alike: { names, places, verifies, origin },
  urgency,
  shown,
}: AlikeProps & { readonly shown: NonNullable<Origin['certificate']> }) {
  const { faults, offered, told_by_origin: told, wanted } = origin;
  const isAstray = faults.some(isOfTrust);
  const others = faults.filter((fault) => !isOfTrust(fault));
  const isSelfSigned = faults.some(({ code }) => code === 'self_signed');
  return (
    <Note kind={verifies ? KINDS[urgency] : 'warning'}>
      <p>
        <strong>{names.join(', ')}</strong>: the edge does not believe the certificate that the origin at{' '}
        {places.join(', ')} shows{isAstray && <Signed isSelf={isSelfSigned} shown={shown} />}.{' '}
        {verifies ? FOLLOWS[urgency] : 'In the present mode it asks for none that it believes.'}
      </p>
      {others.length > 0 && (
        <ul class="setup-notes">
          {others.map(({ code, text, fix }) => (
            <li key={code}>
              {text} {fix}
            </li>
          ))}
        </ul>
      )}
      {told !== null && <ToldOther told={told} shown={shown.fingerprint} />}
      {isAstray &&
        (offered === null ? (
          <Wanted zone={zone} subject={wanted ?? shown.issuer} />
        ) : (
          <Offer zone={zone} offered={offered} told={told} />
        ))}
    </Note>
  );
}

interface SignedProps {
  readonly isSelf: boolean;
  readonly shown: NonNullable<Origin['certificate']>;
}

/** Who signed it. */
function Signed({ isSelf, shown: { subject, issuer } }: SignedProps) {
  return isSelf ? (
    <>
      {' '}
      (<strong class="break">{subject}</strong>): it has signed itself, and no edge trusts it yet
    </>
  ) : (
    <>
      : it is signed by <strong class="break">{issuer}</strong>, which no edge trusts yet for this zone
    </>
  );
}

/** Which file is wanted where the origin did not send what would have to be trusted. */
function Wanted({ zone, subject }: { readonly zone: Zone; readonly subject: string }) {
  return (
    <>
      <p>
        Wanted is the certificate whose subject is <strong class="break">{subject}</strong>: the origin did not send it.
      </p>
      <PasteCa zone={zone} wanted={subject} />
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
            <WholeFingerprint sha256={fingerprint} />
          </li>
        ))}
      </ul>
    </div>
  );
}
