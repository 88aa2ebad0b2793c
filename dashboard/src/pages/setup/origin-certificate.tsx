import { useState } from 'preact/hooks';
import type { CertificateLook } from '../../../../src/wire/origin-certificate-looks.ts';
import type { LiveEvent } from '../../api/events.ts';
import { type Resource, useRead } from '../../api/resource.ts';
import { comparable } from '../../parts/comparable.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note } from '../../parts/problems.tsx';
import { trusting } from '../../parts/trust.ts';
import { TrustForm } from '../../parts/trust-form.tsx';
import { ask, may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

type Origin = CertificateLook['origins'][number];
type Offered = NonNullable<Origin['offered']>;

interface CertificateProps {
  readonly zone: Zone;
  readonly hostname: string;
}

/** Names of one set-up whose origins are looked at by themselves. */
const MOST_NAMES = 5;

/** The same for all names that are locked together. */
export function OriginCertificates({ zone, names }: { readonly zone: Zone; readonly names: readonly string[] }) {
  return (
    <>
      <p>
        In the mode Full (strict) the edge pulls only from who it can verify, so Postern looks at it as the edge does.
      </p>
      {names.slice(0, MOST_NAMES).map((hostname) => (
        <OriginCertificate key={hostname} zone={zone} hostname={hostname} />
      ))}
    </>
  );
}

/** The edge asks for no certificate there, or nobody looks for a while: that is said elsewhere. */
const NOTHING_TO_SEE: ReadonlySet<number> = new Set([10514, 10516]);

/** What certificate the origin of a hostname shows now, whether the edge believes it, and what to do where it does not. */
export function OriginCertificate({ zone, hostname }: CertificateProps) {
  const [seen, again] = useRead<CertificateLook>(
    `${zone.id} ${hostname}`,
    (_, signal) => ask<CertificateLook>(lookAt(zone.id, hostname), signal),
    { on: changes(zone.id) },
  );
  if (isNothing(seen)) return null;
  return (
    <div class="setup-origin">
      <Awaited of={seen} retry={again} lines={4}>
        {(look) => <Looked zone={zone} look={look} again={again} />}
      </Awaited>
    </div>
  );
}

function lookAt(zone: string, hostname: string) {
  return {
    method: 'POST',
    path: `/postern/v1/zones/${zone}/origin_certificates`,
    body: { hostname },
    asks: true,
  } as const;
}

/** A look is a handshake with somebody else's server: it is made again for changes, and for nothing else that happens. */
function changes(zone: string): (event: LiveEvent) => boolean {
  return (event) => event.kind === 'revision_committed' && event.zone?.id === zone;
}

function isNothing(seen: Resource<CertificateLook>): boolean {
  return seen.kind === 'failed' && seen.problems.every(({ code }) => NOTHING_TO_SEE.has(code));
}

interface LookedProps {
  readonly zone: Zone;
  readonly look: CertificateLook;
  readonly again: () => void;
}

function Looked({ zone, look, again }: LookedProps) {
  return (
    <>
      {look.origins.map((origin) => (
        <OneOrigin key={`${origin.address} ${origin.port}`} zone={zone} look={look} origin={origin} />
      ))}
      {look.trusted.length > 0 && <Trusted trusted={look.trusted} />}
      <div class="row">
        <Button small kind="quiet" onPress={again} label={`Look again at the certificate of ${look.hostname}`}>
          Look again
        </Button>
        <span class="hint">
          Looked at <Moment at={look.looked_on} />.
        </span>
      </div>
    </>
  );
}

interface OriginProps extends Omit<LookedProps, 'again'> {
  readonly origin: Origin;
}

function OneOrigin(props: OriginProps) {
  const { look, origin } = props;
  if (origin.certificate === null) return <Unseen {...props} />;
  const { issuer, expires_on: ends } = origin.certificate;
  if (origin.believed === true)
    return (
      <Note kind="good">
        <p>
          <strong>{look.hostname}</strong>: the edge believes the certificate of the origin. It is signed by{' '}
          <span class="break">{issuer}</span> and holds until <Moment at={ends} day />. There is nothing to do here.
        </p>
      </Note>
    );
  return <Unbelieved {...props} shown={origin.certificate} />;
}

/** Each origin of a hostname that has several is told apart by where it is. */
function placeOf({ address, port }: Origin): string {
  return `${address}:${port}`;
}

function Unseen({ zone, look, origin }: OriginProps) {
  return (
    <Note kind="warning">
      <p>
        <strong>{look.hostname}</strong>: which certificate the origin at {placeOf(origin)} shows could not be seen.{' '}
        {origin.why}
      </p>
      <p class="hint">
        Start the server there and look again. Where you know that its certificate is of a CA of your own, have the edge
        trust that CA now.
      </p>
      <PasteCa zone={zone} />
    </Note>
  );
}

const BY_TRUST: ReadonlySet<string> = new Set(['self_signed', 'unknown_ca']);

function Unbelieved({
  zone,
  look,
  origin,
  shown,
}: OriginProps & { readonly shown: NonNullable<Origin['certificate']> }) {
  const { faults, offered } = origin;
  const isAstray = faults.some(({ code }) => BY_TRUST.has(code));
  const others = faults.filter(({ code }) => !BY_TRUST.has(code));
  const isSelfSigned = faults.some(({ code }) => code === 'self_signed');
  return (
    <Note kind={look.verifies ? 'problem' : 'warning'}>
      <p>
        <strong>{look.hostname}</strong>: the edge does not believe the certificate that the origin at {placeOf(origin)}{' '}
        shows.{' '}
        {look.verifies
          ? 'Every visitor gets an error (526) until that is mended.'
          : 'In the present mode it asks for none that it believes.'}
      </p>
      {isAstray && (
        <p>
          {isSelfSigned ? (
            <>
              The certificate <strong class="break">{shown.subject}</strong> has signed itself, and no edge trusts it
              yet.
            </>
          ) : (
            <>
              It is signed by <strong class="break">{shown.issuer}</strong>, which no edge trusts yet for this zone.
            </>
          )}
        </p>
      )}
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
