import { useOriginConfig } from './origin-config.ts';
import { Enforcing } from './enforce-step.tsx';
import type { StepProps } from './guide.tsx';
import { OriginAccess } from './origin-access.tsx';
import { OriginCertificates } from './origin-certificate.tsx';
import { chosenWay, Command, Ways } from './ways.tsx';

/** The configuration that asks for a certificate, and how this Postern hears who comes. */
export function ConfigureStep({ zone, setup, refresh }: StepProps) {
  const mode = setup.choices.mode ?? 'watch';
  if (setup.choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  return (
    <>
      <h3>What the origin needs</h3>
      <OriginAccess zone={zone} setup={setup} />
      {setup.choices.origin_ca !== true && (
        <OriginCertificates zone={zone} names={[setup.hostname, ...(setup.choices.other_names ?? [])]} />
      )}
      <h3>On the origin: put the configuration in place</h3>
      <Ways zone={zone} setup={setup} mode={mode} />
      <Reporting zone={zone} setup={setup} refresh={refresh} />
    </>
  );
}

/** The command that reports callers: without it the watch shows nothing. */
export function Reporting({ zone, setup, refresh }: StepProps) {
  const [config] = useOriginConfig(zone.id, setup.hostname, { ...setup.choices, mode: 'watch' });
  if (config.kind !== 'ready') return null;
  const { commands } = config.value;
  const installed = commands.filter(({ what }) => what === 'report_installed');
  // An installed lock has a log of its own.
  const reporting =
    chosenWay(config.value, setup.choices) === 'install' && installed.length > 0
      ? installed
      : commands.filter(({ what }) => what === 'report_callers');
  if (reporting.length === 0) return <Unheard zone={zone} setup={setup} refresh={refresh} />;
  return (
    <>
      <h3>Then, still on the origin: tell Postern who comes</h3>
      {reporting.map((command) => (
        <Command key={command.text} command={command} />
      ))}
    </>
  );
}

/** A server whose log Postern cannot follow: its owner has to look. */
function Unheard(props: StepProps) {
  if (props.setup.choices.mode === 'enforce') return null;
  return (
    <>
      <h3>Then see in its own output who comes</h3>
      <p>
        Postern cannot follow what this server says, so nothing is counted here. Enforce once its output shows nobody
        but the edge.
      </p>
      <Enforcing {...props} />
    </>
  );
}
