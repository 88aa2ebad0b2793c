import { useOriginConfig } from './origin-config.ts';
import type { StepProps } from './guide.tsx';
import { OriginAccess } from './origin-access.tsx';
import { Command, Ways } from './ways.tsx';

/** The configuration that asks for a certificate, and how this Postern hears who comes. */
export function ConfigureStep({ zone, setup }: StepProps) {
  const mode = setup.choices.mode ?? 'watch';
  if (setup.choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  return (
    <>
      <h3>What the origin needs</h3>
      <OriginAccess zone={zone} setup={setup} />
      <h3>On the origin: put the configuration in place</h3>
      <Ways zone={zone} setup={setup} mode={mode} />
      <Reporting zone={zone} setup={setup} />
    </>
  );
}

/** The command that reports callers: without it the watch shows nothing. */
export function Reporting({ zone, setup }: Pick<StepProps, 'zone' | 'setup'>) {
  const [config] = useOriginConfig(zone.id, setup.hostname, { ...setup.choices, mode: 'watch' });
  const commands = config.kind === 'ready' ? config.value.commands : [];
  const reporting = commands.filter(({ what }) => what === 'report_callers');
  if (reporting.length === 0) return null;
  return (
    <>
      <h3>Then, still on the origin: tell Postern who comes</h3>
      {reporting.map((command) => (
        <Command key={command.text} command={command} />
      ))}
    </>
  );
}
