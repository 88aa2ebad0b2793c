import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';

/** What of `GET /postern/v1/zones/:zone/settings` says how origins are pulled. */
interface Settings {
  readonly ssl: string;
  readonly tls_client_auth: string;
  readonly origin_tls_client_auth: string;
}

const MODES: Readonly<Record<string, string>> = {
  off: 'Mode Off: visitors and origins are spoken to over plain HTTP, so that no lock can hold.',
  flexible: 'Mode Flexible: origins are pulled over plain HTTP, so that no lock can hold.',
  full: 'Mode Full: origins are pulled over TLS, but whoever answers for them is believed.',
  strict: 'Mode Full (strict): origins are pulled over TLS, and their certificates are verified.',
  origin_pull: 'Mode Origin pull: origins are always pulled over TLS, and their certificates are verified.',
};

/** How the edge pulls, in sentences. */
export function Pulled({ zone }: { readonly zone: Zone }) {
  const [settings, refresh] = useResource<Settings>(`/postern/v1/zones/${zone.id}/settings`, { on: inZone(zone.id) });
  const [own] = useResource<readonly unknown[]>(`/postern/v1/zones/${zone.id}/plans?level=hostname&limit=1`, {
    on: inZone(zone.id),
  });
  const hasOwn = own.kind === 'ready' && own.value.length > 0;
  return (
    <Panel title="How it is pulled" aside={<Link to={zonePath(zone.name, '/ssl')}>Change the mode</Link>}>
      <Awaited of={settings} retry={refresh} lines={4}>
        {(value) => (
          <div class="pulled">
            <p>{MODES[value.ssl] ?? `Mode ${value.ssl}.`}</p>
            <p>{identityOf(value)}</p>
            {hasOwn && <p>Some hostnames decide for themselves: their own level is in force there.</p>}
            <p>
              <Link to={zonePath(zone.name, '/ssl/origin-server')}>Authenticated Origin Pulls</Link>
            </p>
          </div>
        )}
      </Awaited>
    </Panel>
  );
}

function identityOf({ origin_tls_client_auth: zone, tls_client_auth: global }: Settings): string {
  if (zone === 'on') return "The zone level is on: the edge shows the zone's own certificate with every pull.";
  if (global === 'on') {
    return 'The global level is on: the edge shows the shared certificate of this installation, which every zone of it has.';
  }
  return 'No level is on for the zone: the edge shows no certificate, and origins cannot tell it from strangers.';
}
