import { useState } from 'preact/hooks';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import type { DnsRecord } from '../dns/record.ts';
import type { StepProps } from './step-props.ts';
import { Fact, type FactProps } from './fact.tsx';
import { PullsFact } from './pulls-fact.tsx';
import { RecordFields } from './record-fields.tsx';
import { RecordLines, useRecordsOf } from './records-of.tsx';

/** The name, and all that has to be on for the edge to show a certificate at its origin. */
export function RecordsStep({ zone, setup, refresh }: StepProps) {
  const { hostname } = setup;
  const [records, again] = useRecordsOf(zone.id, hostname);
  const changed = () => {
    again();
    refresh();
  };
  return (
    <Awaited of={records} retry={again} lines={4}>
      {(rows) => (
        <ul class="setup-facts">
          <RecordFact rows={rows} onChange={changed} {...{ zone, setup }} />
          <ProxiedFact rows={rows} onChange={changed} {...{ zone, setup }} />
          <TlsFact onChange={changed} {...{ zone, setup }} />
          <PullsFact onChange={changed} {...{ zone, setup }} />
        </ul>
      )}
    </Awaited>
  );
}

interface RecordFactProps extends FactProps {
  readonly rows: readonly DnsRecord[];
}

function RecordFact({ rows, zone, setup, onChange }: RecordFactProps) {
  const isMissing = rows.length === 0 && setup.step.waits_for === 'record';
  if (rows.length === 0) {
    return (
      <Fact ok={!isMissing}>
        {isMissing ? (
          <RecordFields zone={zone} hostname={setup.hostname} onAdded={onChange} />
        ) : (
          <p>A wildcard record of the zone leads to {setup.hostname}.</p>
        )}
      </Fact>
    );
  }
  return (
    <Fact ok>
      <RecordLines rows={rows} />
      <ChangeRecord zone={zone} hostname={setup.hostname} />
    </Fact>
  );
}

/** Where the record of a hostname is changed. */
export function ChangeRecord({ zone, hostname }: { readonly zone: Zone; readonly hostname: string }) {
  return (
    <Link to={zonePath(zone.name, `/dns?q=${encodeURIComponent(hostname)}`)} class="button small">
      {may('dns:edit') ? 'Change the record' : 'See the record'}
    </Link>
  );
}

function ProxiedFact({ rows, zone, setup, onChange }: RecordFactProps) {
  const guarded = useGuarded(zone.id);
  const grey = rows.find(({ proxied }) => !proxied);
  const { waits_for: waits } = setup.step;
  if (waits !== 'proxied' || grey === undefined)
    return waits === 'record' ? null : (
      <Fact ok>
        <p>Proxied: visitors reach the edge, and the edge pulls from the origin.</p>
      </Fact>
    );
  const proxy = () =>
    guarded.begin({
      title: `Proxy ${grey.name}`,
      act: 'Proxy it',
      done: `The edge serves ${grey.name}.`,
      call: { method: 'PATCH', path: `/client/v4/zones/${zone.id}/dns_records/${grey.id}`, body: { proxied: true } },
      change: { kind: 'record_orange', record: grey.id },
      onDone: onChange,
    });
  return (
    <Fact ok={false}>
      <p>DNS only: visitors go to the origin themselves, so a lock would shut them out.</p>
      {may('dns:edit') && (
        <Button kind="primary" onPress={proxy}>
          Proxy {grey.name}
        </Button>
      )}
      {guarded.view}
    </Fact>
  );
}

const MODES = {
  strict: 'Full (strict): the edge verifies the certificate of the origin.',
  full: 'Full: over TLS, with any certificate.',
} as const;

function TlsFact({ zone, setup, onChange }: FactProps) {
  const guarded = useGuarded(zone.id);
  const [to, choose] = useState<keyof typeof MODES>('strict');
  const { waits_for: waits } = setup.step;
  if (waits === 'record' || waits === 'proxied') return null;
  if (waits !== 'tls')
    return (
      <Fact ok>
        <p>The edge pulls over TLS.</p>
      </Fact>
    );
  if (zone.paused) return <PausedFact {...{ zone, setup, onChange }} />;
  const set = () =>
    guarded.begin({
      title: `SSL/TLS mode of ${zone.name}`,
      act: 'Set the mode',
      done: `The edge pulls over TLS.`,
      call: { method: 'PATCH', path: `/client/v4/zones/${zone.id}/settings/ssl`, body: { value: to } },
      change: { kind: 'mode', to },
      onDone: onChange,
    });
  return (
    <Fact ok={false}>
      <fieldset class="setup-choice">
        <legend>The edge pulls over plain HTTP: no certificate can be shown there.</legend>
        {Object.entries(MODES).map(([mode, text]) => (
          <label key={mode} class="check">
            <input
              type="radio"
              name="mode"
              checked={to === mode}
              onChange={() => choose(mode === 'full' ? 'full' : 'strict')}
            />
            {text}
          </label>
        ))}
      </fieldset>
      {may('zone:edit') && (
        <Button kind="primary" onPress={set}>
          Set the mode
        </Button>
      )}
      {guarded.view}
    </Fact>
  );
}

function PausedFact({ zone, onChange }: FactProps) {
  const guarded = useGuarded(zone.id);
  const resume = () =>
    guarded.begin({
      title: `End the pause of ${zone.name}`,
      act: 'End the pause',
      done: `The edge serves ${zone.name} again.`,
      call: { method: 'PATCH', path: `/client/v4/zones/${zone.id}`, body: { paused: false } },
      change: { kind: 'pause', on: false },
      onDone: onChange,
    });
  return (
    <Fact ok={false}>
      <p>The zone is paused: the edge serves none of its names.</p>
      {may('zone:edit') && (
        <Button kind="primary" onPress={resume}>
          End the pause
        </Button>
      )}
      {guarded.view}
    </Fact>
  );
}
