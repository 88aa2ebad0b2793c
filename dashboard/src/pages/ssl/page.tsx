import '../../style/pages/ssl.css';
import type { ApiMessage, Call } from '../../api/call.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { OnOff } from '../../parts/on-off.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { OriginKeyExchange, VisitorTls } from './handshakes.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { messagesFor, type Setting, type SslSettings, sslSettings } from './settings.ts';

/** SSL/TLS: how visitors reach the edge, and how the edge reaches the origins. */
export function Page({ zone }: ZonePageProps) {
  const on = inZone(zone.id);
  const isReadable = may('settings:read');
  const [settings, again] = useResource<readonly Setting[]>(
    isReadable ? `/client/v4/zones/${zone.id}/settings` : null,
    { on },
  );
  const [level, levelAgain] = useResource<{ readonly enabled: boolean }>(
    `/client/v4/zones/${zone.id}/origin_tls_client_auth/settings`,
    { on },
  );
  const refresh = () => {
    again();
    levelAgain();
  };
  const zonePull = level.kind === 'ready' && level.value.enabled;
  return (
    <>
      <PageHead
        title="SSL/TLS"
        about="How visitors reach the edge, and how the edge reaches the origins of this zone."
      />
      {isReadable ? (
        <Awaited of={settings} retry={refresh} lines={16}>
          {(list, _, messages) => (
            <Settings zone={zone} settings={sslSettings(list)} {...{ messages, zonePull, refresh }} />
          )}
        </Awaited>
      ) : (
        <Note>
          <p>This token may not read the settings of the zone: that needs settings:read.</p>
        </Note>
      )}
    </>
  );
}

interface SettingsProps {
  readonly zone: Zone;
  readonly settings: SslSettings;
  readonly messages: readonly ApiMessage[];
  readonly zonePull: boolean;
  readonly refresh: () => void;
}

function Settings({ zone, settings, messages, zonePull, refresh }: SettingsProps) {
  const guarded = useGuarded(zone.id);
  const mayEdit = may('settings:edit');
  const level = zonePull ? 'zone' : settings.globalPull ? 'global' : null;
  const hands = { zone: zone.id, settings, messages, mayEdit, guarded, refresh };
  return (
    <>
      <Panel
        title="Encryption mode"
        about="Look at any of them: the picture shows what would be encrypted, verified and authenticated."
      >
        <div class="setting">
          <ModeChoice
            {...{ zone: zone.id, mayEdit, guarded, refresh }}
            mode={settings.mode}
            circumstances={{ alwaysUseHttps: settings.alwaysUseHttps, level }}
          />
          <Remarks messages={messagesFor('mode', messages)} />
          <p class="hint">
            Which certificate the edge shows is set at{' '}
            <Link to={zonePath(zone.name, '/ssl/origin-server')}>Origin Server</Link>; what visitors are shown, at{' '}
            <Link to={zonePath(zone.name, '/ssl/edge-certificates')}>Edge Certificates</Link>.
          </p>
        </div>
      </Panel>
      <AlwaysUseHttps {...hands} />
      <VisitorTls {...hands} />
      <OriginKeyExchange {...hands} />
      {guarded.view}
    </>
  );
}

type HttpsProps = Parameters<typeof VisitorTls>[0];

function AlwaysUseHttps({ zone, settings, messages, mayEdit, guarded, refresh }: HttpsProps) {
  const { alwaysUseHttps, mode } = settings;
  const call = (on: boolean): Call => ({
    method: 'PATCH',
    path: `/client/v4/zones/${zone}/settings/always_use_https`,
    body: { value: on ? 'on' : 'off' },
  });
  const change = (on: boolean) =>
    guarded.begin({
      title: `Turn Always Use HTTPS ${on ? 'on' : 'off'}`,
      act: `Turn it ${on ? 'on' : 'off'}`,
      done: `Always Use HTTPS is ${on ? 'on' : 'off'}.`,
      call: call(on),
      change: { kind: 'always_use_https', on },
      isShown: true,
      onDone: refresh,
    });
  return (
    <Panel
      title="Always Use HTTPS"
      about="Visits over http are redirected to https, so that none is pulled over plain HTTP."
    >
      <div class="setting">
        <OnOff
          label="Always Use HTTPS"
          on={alwaysUseHttps}
          busy={guarded.busy}
          mayEdit={mayEdit}
          onChange={change}
          {...(mode === 'off' ? { hint: 'No effect while the mode is Off: visits are sent to http there.' } : {})}
        />
        <Remarks messages={messagesFor('https', messages)} />
        {mayEdit && <ApiCall call={call(!alwaysUseHttps)} of="Always Use HTTPS" />}
      </div>
    </Panel>
  );
}
