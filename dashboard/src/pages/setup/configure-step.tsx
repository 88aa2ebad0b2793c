import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { madeToken } from '../../api/made-token.ts';
import { lacksTrust, useCertificateLooks } from './certificate-looks.ts';
import { type OriginCommand, type OriginConfig, useOriginConfig } from './origin-config.ts';
import { Enforcing } from './enforce-step.tsx';
import type { StepProps } from './guide.tsx';
import { NameRecords } from './name-records.tsx';
import { OriginAccess } from './origin-access.tsx';
import { SeenCertificates } from './origin-certificate.tsx';
import { OtherLog } from './other-log.tsx';
import type { Setup } from './setup.ts';
import { ThroughEdge } from './through-edge.tsx';
import { chosenWay, Command, reportsWhenLoaded, Ways } from './ways.tsx';

/** What is done here, and there, in the order in which a person does it. */
export function ConfigureStep(props: StepProps) {
  const { setup } = props;
  if (setup.choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  return setup.choices.origin_ca === true ? <Tasks {...props} trust={null} /> : <TasksWithTrust {...props} />;
}

interface Trust {
  /** The edge believes no origin before. */
  readonly isLacking: boolean;
  readonly view: ComponentChildren;
}

/** Where the origin keeps a certificate of its own, it has to be one that the edge believes. */
function TasksWithTrust(props: StepProps) {
  const { zone, setup } = props;
  const [seen, again] = useCertificateLooks(
    zone.id,
    setup.names.map(({ hostname }) => hostname),
  );
  const isLacking = seen.kind === 'ready' && lacksTrust(seen.value);
  return <Tasks {...props} trust={{ isLacking, view: <SeenCertificates zone={zone} seen={seen} again={again} /> }} />;
}

function Tasks({ zone, setup, refresh, trust }: StepProps & { readonly trust: Trust | null }) {
  const [hasToken, setToken] = useState(() => madeToken(setup.hostname) !== null);
  const first = firstTask({ lacks: lackingNames(setup).length > 0, hasToken });
  // The machine has told which certificate its server shows: before that there would be something to compare.
  const isHeard = setup.step.waits_for === 'first';
  const mark = (task: TaskKind) => (setup.step.waits_for === 'origin' && task === first ? MARKS[task] : null);
  return (
    <ol class="setup-tasks">
      {setup.names.length > 1 && (
        <Task title="Here: have the edge serve every name" mark={mark('names')}>
          <OtherRecords zone={zone} setup={setup} refresh={refresh} />
        </Task>
      )}
      <Task title="Here: what the origin needs" mark={mark('access')}>
        <OriginAccess zone={zone} setup={setup} onToken={setToken} />
      </Task>
      <Task title="On the origin: put the configuration in place" mark={mark('place')}>
        <Ways zone={zone} setup={setup} mode={setup.choices.mode ?? 'watch'} />
      </Task>
      <Reporting zone={zone} setup={setup} refresh={refresh} isTask />
      {trust !== null && (
        <Task title="Then, here: whom the edge believes" mark={isHeard && trust.isLacking ? 'Now' : null}>
          {trust.view}
        </Task>
      )}
      {isHeard && (
        <Task title="Then open the site through the edge" mark={trust?.isLacking === true ? null : 'Now'}>
          <ThroughEdge setup={setup} />
        </Task>
      )}
    </ol>
  );
}

/** What is there to be done, in the order of the page. */
const MARKS = { names: 'Begin here', access: 'Begin here', place: 'Go on here' } as const;
type TaskKind = keyof typeof MARKS;

interface Lacking {
  readonly lacks: boolean;
  readonly hasToken: boolean;
}

function firstTask({ lacks, hasToken }: Lacking): TaskKind {
  if (lacks) return 'names';
  return hasToken ? 'place' : 'access';
}

interface TaskProps {
  readonly title: string;
  /** Said where it is what is to be done now. */
  readonly mark?: string | null;
  readonly children: ComponentChildren;
}

function Task({ title, mark = null, children }: TaskProps) {
  return (
    <li class={`setup-task${mark === null ? '' : ' first'}`} aria-current={mark === null ? undefined : 'step'}>
      <h3>
        {title}
        {mark !== null && <span class="tag worry">{mark}</span>}
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
  const isTold = reporting === installed ? goesOnReporting(commands) : isInBlock(config.value, setup);
  if (isTold) {
    const again = (
      <>
        {reporting !== installed && <OtherLog config={config.value} setup={setup} />}
        <Again commands={reporting} />
      </>
    );
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
  return commands.some(({ what, reports }) => what === 'install' && reports);
}

/** Whether the block that has the server load the lines does. */
function isInBlock(made: OriginConfig, { choices }: Setup): boolean {
  return choices.lines === true && chosenWay(made, choices) === 'copy' && reportsWhenLoaded(made) !== null;
}

/** For who ended the command that installed, or watches for longer than it goes on. */
function Again({ commands }: { readonly commands: readonly OriginCommand[] }) {
  return (
    <details>
      <summary>Once that command has ended: tell Postern who comes</summary>
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
