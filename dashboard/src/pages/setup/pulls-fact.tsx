import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { may } from '../../session.ts';
import { Fact, type FactProps } from './fact.tsx';

/** Whether the edge shows a certificate at the origin; off for the zone, or for the hostname alone. */
export function PullsFact({ zone, setup, onChange }: FactProps) {
  const { kind, waits_for: waits } = setup.step;
  const isWaiting = waits === 'origin_pulls';
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/settings`;
  const [level, retry] = useResource<{ readonly enabled: boolean }>(isWaiting ? path : null, { on: inZone(zone.id) });
  if (kind !== 'records')
    return (
      <Fact ok>
        <p>Authenticated Origin Pulls: the edge shows its certificate at this origin.</p>
      </Fact>
    );
  if (!isWaiting) return null;
  return (
    <Fact ok={false}>
      <Awaited of={level} retry={retry} lines={2}>
        {({ enabled }) =>
          enabled ? <Veto {...{ zone, setup, onChange }} /> : <Level {...{ zone, setup, onChange }} />
        }
      </Awaited>
    </Fact>
  );
}

function Level({ zone, onChange }: FactProps) {
  const guarded = useGuarded(zone.id);
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/settings`;
  const on = () =>
    guarded.begin({
      title: `Authenticated Origin Pulls of ${zone.name}`,
      act: 'Switch them on',
      done: 'The edge shows its certificate.',
      call: { method: 'PUT', path, body: { enabled: true } },
      change: { kind: 'zone_level', on: true },
      onDone: onChange,
    });
  return (
    <>
      <p>Authenticated Origin Pulls are off for the zone. An origin that asks for no certificate sees no difference.</p>
      {may('ssl:edit') && (
        <Button kind="primary" onPress={on}>
          Switch on Authenticated Origin Pulls
        </Button>
      )}
      {guarded.view}
    </>
  );
}

/** The API wants the certificate named that the hostname's switch is about, also to have it do what the zone does. */
function Veto(props: FactProps) {
  const { zone, setup } = props;
  const path = `${hostnamesPath(zone)}/${encodeURIComponent(setup.hostname)}`;
  const [association, retry] = useResource<{ readonly cert_id: string }>(path, { on: inZone(zone.id) });
  return (
    <>
      <p>Authenticated Origin Pulls are on for the zone, and switched off for this hostname alone.</p>
      {may('ssl:edit') && (
        <Awaited of={association} retry={retry} lines={2}>
          {({ cert_id }) => <LiftVeto {...props} certificate={cert_id} />}
        </Awaited>
      )}
    </>
  );
}

function hostnamesPath({ id }: FactProps['zone']): string {
  return `/client/v4/zones/${id}/origin_tls_client_auth/hostnames`;
}

function LiftVeto({ zone, setup, onChange, certificate }: FactProps & { readonly certificate: string }) {
  const guarded = useGuarded(zone.id);
  const { hostname } = setup;
  const lift = () =>
    guarded.begin({
      title: `Authenticated Origin Pulls of ${hostname}`,
      act: 'Do what the zone does',
      done: `${hostname} does what its zone does.`,
      call: {
        method: 'PUT',
        path: hostnamesPath(zone),
        body: { config: [{ hostname, cert_id: certificate, enabled: null }] },
      },
      change: { kind: 'hostname_level', hostname, on: null },
      onDone: onChange,
    });
  return (
    <>
      <Button kind="primary" onPress={lift}>
        Let it do what the zone does
      </Button>
      {guarded.view}
    </>
  );
}
