import { Awaited } from '../../parts/awaited.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import type { Glance, Glanced } from './glance.ts';

const MODES: Readonly<Record<string, string>> = {
  off: 'Mode Off: visitors and origins are spoken to over plain HTTP, so that no lock can hold.',
  flexible: 'Mode Flexible: origins are pulled over plain HTTP, so that no lock can hold.',
  full: 'Mode Full: origins are pulled over TLS, but whoever answers for them is believed.',
  strict: 'Mode Full (strict): origins are pulled over TLS, and their certificates are verified.',
  origin_pull: 'Mode Origin pull: origins are always pulled over TLS, and their certificates are verified.',
};

interface PulledProps {
  readonly zone: Zone;
  readonly glanced: Glanced;
}

/** How the edge pulls, in sentences. */
export function Pulled({ zone, glanced: [glance, refresh] }: PulledProps) {
  return (
    <Panel title="How it is pulled" aside={<Link to={zonePath(zone.name, '/ssl')}>Change the mode</Link>}>
      <Awaited of={glance} retry={refresh} lines={4}>
        {({ pulls }) => pulls !== null && <Pulls zone={zone} pulls={pulls} />}
      </Awaited>
    </Panel>
  );
}

type HowPulled = NonNullable<Glance['pulls']>;

function Pulls({ zone, pulls }: { readonly zone: Zone; readonly pulls: HowPulled }) {
  const mode = String(pulls.ssl);
  return (
    <div class="pulled">
      <p>{MODES[mode] ?? `Mode ${mode}.`}</p>
      <p>{identityOf(pulls)}</p>
      {pulls.own_hostnames === true && <p>Some hostnames decide for themselves: their own level is in force there.</p>}
      <p>
        <Link to={zonePath(zone.name, '/ssl/origin-server')}>Authenticated Origin Pulls</Link>
      </p>
    </div>
  );
}

function identityOf({ origin_tls_client_auth: zone, tls_client_auth: global }: HowPulled): string {
  if (zone === 'on') return "The zone level is on: the edge shows the zone's own certificate with every pull.";
  if (global === 'on') {
    return 'The global level is on: the edge shows the shared certificate of this installation, which every zone of it has.';
  }
  return 'No level is on for the zone: the edge shows no certificate, and origins cannot tell it from strangers.';
}
