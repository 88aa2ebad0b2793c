import type { ComponentChildren } from 'preact';
import { type OriginCommand, useOriginConfig } from './origin-config.ts';
import { Enforcing } from './enforce-step.tsx';
import type { StepProps } from './guide.tsx';
import { NameRecords } from './name-records.tsx';
import { OriginAccess } from './origin-access.tsx';
import { OriginCertificates } from './origin-certificate.tsx';
import { OtherLog } from './other-log.tsx';
import type { Setup } from './setup.ts';
import { ThroughEdge } from './through-edge.tsx';
import { chosenWay, Command, Ways } from './ways.tsx';

/** What is done here, and there, in the order in which a person does it. */
export function ConfigureStep({ zone, setup, refresh }: StepProps) {
  const mode = setup.choices.mode ?? 'watch';
  if (setup.choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  const lacking = lackingNames(setup).length > 0;
  const isNow = setup.step.waits_for === 'origin';
  return (
    <ol class="setup-tasks">
      {setup.names.length > 1 && (
        <Task title="Here: have the edge serve every name" isFirst={isNow && lacking}>
          <OtherRecords zone={zone} setup={setup} refresh={refresh} />
        </Task>
      )}
      <Task title="Here: what the origin needs" isFirst={isNow && !lacking}>
        <OriginAccess zone={zone} setup={setup} />
      </Task>
      {setup.choices.origin_ca !== true && (
        <Task title="Here: whom the edge believes">
          <OriginCertificates zone={zone} names={setup.names.map(({ hostname }) => hostname)} />
        </Task>
      )}
      <Task title="On the origin: put the configuration in place">
        <Ways zone={zone} setup={setup} mode={mode} />
      </Task>
      <Reporting zone={zone} setup={setup} refresh={refresh} isTask />
      {setup.step.waits_for === 'first' && (
        <Task title="Then open the site through the edge" isNow>
          <ThroughEdge setup={setup} />
        </Task>
      )}
    </ol>
  );
}

interface TaskProps {
  readonly title: string;
  /** It is what is to be done now. */
  readonly isFirst?: boolean;
  /** The same, where all above it may be done. */
  readonly isNow?: boolean;
  readonly children: ComponentChildren;
}

function Task({ title, isFirst = false, isNow = false, children }: TaskProps) {
  return (
    <li class={`setup-task${isFirst || isNow ? ' first' : ''}`} aria-current={isFirst || isNow ? 'step' : undefined}>
      <h3>
        {title}
        {isFirst && <span class="tag worry">Begin here</span>}
        {isNow && <span class="tag worry">Now</span>}
      </h3>
      {children}
    </li>
  );
}

/** Names whose visitors the edge does not lead to the origin, or whose locks nobody can look at. */
export function lackingNames({ names }: Setup): readonly string[] {
  return names
    .filter(({ records, own_record }) => records !== 'proxied' || !own_record)
    .map(({ hostname }) => hostname);
}

/** Where the other names lead, and what makes that right. */
export function OtherRecords({ zone, setup, refresh }: StepProps) {
  const others = setup.names.slice(1);
  return (
    <NameRecords
      zone={zone}
      hostname={setup.hostname}
      names={others.map(({ hostname }) => hostname)}
      wild={others.filter(({ records }) => records !== 'none').map(({ hostname }) => hostname)}
      isNext
      onChange={refresh}
    />
  );
}

/** The command that reports callers: without it the watch shows nothing. */
export function Reporting({ zone, setup, refresh, isTask = false }: StepProps & { readonly isTask?: boolean }) {
  const [config] = useOriginConfig(zone.id, setup.hostname, { ...setup.choices, mode: 'watch' });
  if (config.kind !== 'ready') return null;
  const { commands } = config.value;
  const installed = commands.filter(({ what }) => what === 'report_installed');
  // An installed lock has a log of its own.
  const reporting =
    chosenWay(config.value, setup.choices) === 'install' && installed.length > 0
      ? installed
      : commands.filter(({ what }) => what === 'report_callers');
  const isHeard = reporting.length > 0;
  if (reporting === installed && goesOnReporting(commands)) {
    const again = <Again commands={installed} />;
    return isTask ? <li>{again}</li> : again;
  }
  if (!isHeard && setup.choices.mode === 'enforce') return null;
  const title = isHeard ? 'Then, still on the origin: tell Postern who comes' : 'Then see in its own output who comes';
  const body = isHeard ? (
    <>
      {reporting !== installed && <OtherLog config={config.value} setup={setup} />}
      {reporting.map((command) => (
        <Command key={command.text} command={command} />
      ))}
    </>
  ) : (
    <Unheard zone={zone} setup={setup} refresh={refresh} />
  );
  if (isTask) return <Task title={title}>{body}</Task>;
  return (
    <>
      <h3>{title}</h3>
      {body}
    </>
  );
}

/** Whether the command that installs tells who comes by itself, for a while. */
function goesOnReporting(commands: readonly OriginCommand[]): boolean {
  return commands.some(({ what, permissions }) => what === 'install' && permissions.includes('origin:report'));
}

/** For who ended the command that installed, or watches for longer than it goes on. */
function Again({ commands }: { readonly commands: readonly OriginCommand[] }) {
  return (
    <details>
      <summary>After that hour, or once the command was ended: tell Postern who comes</summary>
      {commands.map((command) => (
        <Command key={command.text} command={command} />
      ))}
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
