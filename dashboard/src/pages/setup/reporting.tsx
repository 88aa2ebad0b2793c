import { Enforcing } from './enforce-step.tsx';
import type { StepProps } from './step-props.ts';
import { type OriginCommand, type OriginConfig, useOriginConfig } from './origin-config.ts';
import { OtherLog } from './other-log.tsx';
import type { Setup } from './setup.ts';
import { Task } from './task.tsx';
import { chosenWay, Command, reportsWhenLoaded } from './ways.tsx';

interface ReportingProps extends StepProps {
  /** It is one of the things to do in a step. */
  readonly isTask?: boolean;
  readonly isFolded?: boolean;
}

/** The command that reports callers: without it the watch shows nothing. */
export function Reporting({ isTask = false, isFolded = false, ...props }: ReportingProps) {
  const { zone, setup } = props;
  const { hostname, choices } = setup;
  const [config] = useOriginConfig(zone.id, hostname, { ...choices, mode: 'watch' });
  if (config.kind !== 'ready') return null;
  const { commands } = config.value;
  const installed = commands.filter(({ what }) => what === 'report_installed');
  // An installed lock has a log of its own.
  const reporting =
    chosenWay(config.value, choices) === 'install' && installed.length > 0
      ? installed
      : commands.filter(({ what }) => what === 'report_callers');
  const other = reporting !== installed && <OtherLog config={config.value} setup={setup} />;
  if (reporting === installed ? goesOnReporting(commands) : isInBlock(config.value, setup)) {
    const again = (
      <>
        {other}
        <Again hostname={hostname} commands={reporting} />
      </>
    );
    return isTask ? <li>{again}</li> : again;
  }
  const isHeard = reporting.length > 0;
  if (!isHeard && choices.mode === 'enforce') return null;
  const title = isHeard ? 'Then, still on the origin: tell Postern who comes' : 'Then see in its own output who comes';
  const body = isHeard ? (
    <>
      {other}
      <Commands hostname={hostname} commands={reporting} />
    </>
  ) : (
    <Unheard {...props} />
  );
  if (isTask)
    return (
      <Task title={title} state={isFolded ? 'folded' : 'open'}>
        {body}
      </Task>
    );
  return (
    <>
      <h3>{title}</h3>
      {body}
    </>
  );
}

/** Whether the command that installs tells who comes by itself, for a while. */
function goesOnReporting(commands: readonly OriginCommand[]): boolean {
  return commands.some(({ what, reports }) => what === 'install' && reports);
}

/** Whether the block that has the server load the lines does. */
function isInBlock(made: OriginConfig, { choices }: Setup): boolean {
  return choices.lines === true && chosenWay(made, choices) === 'copy' && reportsWhenLoaded(made) !== null;
}

interface CommandsProps extends Pick<Setup, 'hostname'> {
  readonly commands: readonly OriginCommand[];
}

function Commands({ hostname, commands }: CommandsProps) {
  return (
    <>
      {commands.map((command) => (
        <Command key={command.text} hostname={hostname} command={command} />
      ))}
    </>
  );
}

/** For who ended the command that installed, or watches for longer than it goes on. */
function Again(props: CommandsProps) {
  return (
    <details>
      <summary>Once that command has ended: tell Postern who comes</summary>
      <Commands {...props} />
    </details>
  );
}

/** A server whose log Postern cannot follow: its owner has to look. */
function Unheard(props: StepProps) {
  return (
    <>
      <p>
        Postern cannot follow what this server says, so nothing is counted here. Enforce once its output shows nobody
        but the edge.
      </p>
      <Enforcing {...props} />
    </>
  );
}
