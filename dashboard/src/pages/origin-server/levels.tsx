import type { ApiMessage, Call } from '../../api/call.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Awaited } from '../../parts/awaited.tsx';
import { type Deed, useGuarded } from '../../parts/guarded.tsx';
import { OnOff } from '../../parts/on-off.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

/** Messages that are about the global level itself; all others are about pulls of the zone. */
const ABOUT_GLOBAL = new Set([20005, 20006]);

/** The switches for the zone and for the global level, with what each is worth and what keeps it from having effect. */
export function Levels({ zone }: { readonly zone: Zone }) {
  const guarded = useGuarded(zone.id);
  const path = `/client/v4/zones/${zone.id}/origin_tls_client_auth/settings`;
  const [level, again] = useResource<{ readonly enabled: boolean }>(path, { on: inZone(zone.id) });
  const begin = (deed: Deed) => guarded.begin({ ...deed, isShown: true, onDone: again });
  return (
    <Panel
      title="Authenticated Origin Pulls"
      about="The edge shows a TLS client certificate on every pull, and origins let nobody in without it. The nearest level decides: hostname, then zone, then global."
    >
      <Awaited of={level} retry={again} lines={8}>
        {({ enabled }, _, messages) => (
          <div class="levels">
            <Remarks messages={messages.filter(({ code }) => !ABOUT_GLOBAL.has(code))} />
            <ZoneLevel {...{ zone, begin }} on={enabled} busy={guarded.busy} />
            <GlobalLevel {...{ zone, begin }} busy={guarded.busy} messages={messages} />
          </div>
        )}
      </Awaited>
      {guarded.view}
    </Panel>
  );
}

interface LevelProps {
  readonly zone: Zone;
  readonly busy: boolean;
  readonly begin: (deed: Deed) => void;
}

function ZoneLevel({ zone, on, busy, begin }: LevelProps & { readonly on: boolean }) {
  const mayEdit = may('ssl:edit');
  const call = (enabled: boolean): Call => ({
    method: 'PUT',
    path: `/client/v4/zones/${zone.id}/origin_tls_client_auth/settings`,
    body: { enabled },
  });
  const change = (wanted: boolean) =>
    begin({
      title: `Turn the zone level ${wanted ? 'on' : 'off'}`,
      act: `Turn it ${wanted ? 'on' : 'off'}`,
      done: `The zone level is ${wanted ? 'on' : 'off'}.`,
      call: call(wanted),
      change: { kind: 'zone_level', on: wanted },
    });
  return (
    <section class="level" aria-label="Zone level">
      <OnOff label="Zone level" {...{ on, busy, mayEdit }} onChange={change} />
      <p class="hint">
        Every hostname of {zone.name} that has nothing of its own shows the certificate of this zone: the newest upload
        or, without one, the identity that Postern makes and renews. The bundle of the zone lets in no other zone.
      </p>
      {mayEdit && <ApiCall call={call(!on)} of="Zone level" />}
    </section>
  );
}

function GlobalLevel({ zone, busy, begin, messages }: LevelProps & { readonly messages: readonly ApiMessage[] }) {
  const path = `/client/v4/zones/${zone.id}/settings/tls_client_auth`;
  const isReadable = may('settings:read');
  const [setting, again] = useResource<{ readonly value: string }>(isReadable ? path : null, { on: inZone(zone.id) });
  const mayEdit = may('settings:edit');
  const call = (on: boolean): Call => ({ method: 'PATCH', path, body: { value: on ? 'on' : 'off' } });
  const change = (on: boolean) =>
    begin({
      title: `Turn the global level ${on ? 'on' : 'off'}`,
      act: `Turn it ${on ? 'on' : 'off'}`,
      done: `The global level is ${on ? 'on' : 'off'}.`,
      call: call(on),
      change: { kind: 'global_level', on },
    });
  return (
    <section class="level" aria-label="Global level">
      {isReadable ? (
        <Awaited of={setting} retry={again} lines={1}>
          {({ value }) => (
            <>
              <OnOff label="Global level" on={value === 'on'} {...{ busy, mayEdit }} onChange={change} />
              <Remarks messages={messages.filter(({ code }) => ABOUT_GLOBAL.has(code))} />
            </>
          )}
        </Awaited>
      ) : (
        <p>Global level: this token may not read it, that needs settings:read.</p>
      )}
      <p class="hint">
        Shows the one certificate that all zones of this installation share. It is worth less than the zone level: an
        origin that trusts it lets in the pulls of every other zone too. Origins under it need the{' '}
        <a href="/ssl/static/authenticated_origin_pull_ca.pem" download="shared-pull-ca.pem">
          shared bundle
        </a>
        .
      </p>
      {mayEdit && setting.kind === 'ready' && <ApiCall call={call(setting.value.value !== 'on')} of="Global level" />}
    </section>
  );
}
