import { useState } from 'preact/hooks';
import type { ApiMessage, Call } from '../../api/call.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { CheckField, SelectField } from '../../parts/field.tsx';
import type { useGuarded } from '../../parts/guarded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { messagesFor, type SslSettings } from './settings.ts';

interface HandshakeProps {
  readonly zone: string;
  readonly settings: SslSettings;
  readonly messages: readonly ApiMessage[];
  readonly mayEdit: boolean;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

const VERSIONS = ['1.0', '1.1', '1.2', '1.3'].map((value) => ({ value, text: `TLS ${value}` }));

/** The oldest TLS that visitors may speak. */
export function VisitorTls({ zone, settings, messages, mayEdit, guarded, refresh }: HandshakeProps) {
  const [chosen, choose] = useState<string | null>(null);
  const version = chosen ?? settings.minTlsVersion;
  const call: Call = {
    method: 'PATCH',
    path: `/client/v4/zones/${zone}/settings/min_tls_version`,
    body: { value: version },
  };
  const save = () =>
    guarded.begin({
      title: `Ask visitors for TLS ${version}`,
      act: `Ask for TLS ${version}`,
      done: `The oldest TLS that visitors may speak is ${version}.`,
      call,
      change: { kind: 'min_tls_version', to: version },
      isShown: true,
      onDone: () => {
        choose(null);
        refresh();
      },
    });
  return (
    <Panel title="Minimum TLS version" about="The oldest TLS that visitors may speak with the edge.">
      <div class="setting">
        <SelectField
          label="Oldest version"
          required
          value={version}
          onChange={choose}
          options={VERSIONS}
          disabled={!mayEdit}
        />
        <Remarks messages={messagesFor('version', messages)} />
        {version !== settings.minTlsVersion && (
          <Save call={call} of="Oldest version" save={save} undo={() => choose(null)} />
        )}
      </div>
    </Panel>
  );
}

interface SaveProps {
  readonly call: Call;
  /** What is saved. */
  readonly of: string;
  readonly save: () => void;
  readonly undo: () => void;
}

function Save({ call, of, save, undo }: SaveProps) {
  return (
    <>
      <div class="row">
        <Button kind="primary" onPress={save}>
          Save
        </Button>
        <Button onPress={undo}>Leave it as it is</Button>
      </div>
      <ApiCall call={call} of={of} />
    </>
  );
}

const LIMITS = [
  ['fips', 'FIPS: only key exchanges that FIPS 140 approves'],
  ['pqh', 'Post-quantum: only hybrid key exchanges (ML-KEM)'],
] as const;

/** What limits the key exchanges that the edge offers to origins. */
export function OriginKeyExchange({ zone, settings, messages, mayEdit, guarded, refresh }: HandshakeProps) {
  const [chosen, choose] = useState<readonly string[] | null>(null);
  const limits = chosen ?? settings.compliance;
  const call: Call = {
    method: 'PATCH',
    path: `/client/v4/zones/${zone}/settings/origin_tls_compliance_modes`,
    body: { value: limits },
  };
  const save = () =>
    guarded.begin({
      title: 'Change the key exchanges with origins',
      act: 'Change them',
      done: 'The key exchanges with origins are changed.',
      call,
      change: { kind: 'origin_tls_compliance_modes', to: limits },
      isShown: true,
      onDone: () => {
        choose(null);
        refresh();
      },
    });
  const isChanged = [...limits].toSorted().join() !== [...settings.compliance].toSorted().join();
  return (
    <Panel
      title="Key exchanges with origins"
      about="Without a limit the edge offers all that it has, and the origin chooses."
    >
      <div class="setting">
        <fieldset class="checks" disabled={!mayEdit}>
          <legend class="unseen">Limits</legend>
          {LIMITS.map(([limit, label]) => (
            <CheckField
              key={limit}
              label={label}
              checked={limits.includes(limit)}
              onChange={(on) => choose(on ? [...limits, limit] : limits.filter((one) => one !== limit))}
            />
          ))}
        </fieldset>
        <Remarks messages={messagesFor('compliance', messages)} />
        {isChanged && <Save call={call} of="Key exchanges" save={save} undo={() => choose(null)} />}
      </div>
    </Panel>
  );
}
