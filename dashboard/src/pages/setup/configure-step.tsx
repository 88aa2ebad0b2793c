import type { ComponentChildren } from 'preact';
import { madeToken } from '../../api/made-token.ts';
import { Button } from '../../parts/button.tsx';
import { Note } from '../../parts/problems.tsx';
import { isDisbelieved, lacksTrust, useCertificateLooks } from './certificate-looks.ts';
import type { StepProps } from './step-props.ts';
import { NameRecords } from './name-records.tsx';
import { OriginAccess } from './origin-access.tsx';
import { SeenCertificates, type Urgency } from './origin-certificate.tsx';
import { useFailsUnbelieved } from './origin-trust.tsx';
import { Reporting } from './reporting.tsx';
import { type Setup, stepIndex, STEPS } from './setup.ts';
import { Stuck } from './stuck.tsx';
import { Task, type TaskState, useTaskOfNow } from './task.tsx';
import { ThroughEdge } from './through-edge.tsx';
import { Ways } from './ways.tsx';

/** What is done here, and there, in the order in which a person does it. */
export function ConfigureStep(props: StepProps) {
  const { setup } = props;
  if (setup.choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  return setup.choices.origin_ca === true ? <Tasks {...props} trust={null} /> : <TasksWithTrust {...props} />;
}

interface Trust {
  /** The edge believes no origin before; `null` while that is looked at. */
  readonly isLacking: boolean | null;
  /** It believes all that they show: also that they have not ended, and name what they are asked for. */
  readonly isDone: boolean;
  readonly view: ComponentChildren;
}

/** Where the origin keeps a certificate of its own, it has to be one that the edge believes. */
function TasksWithTrust(props: StepProps) {
  const { zone, setup } = props;
  const [seen, again] = useCertificateLooks(
    zone.id,
    setup.names.map(({ hostname }) => hostname),
  );
  const urgency = useUrgency(props);
  const isLacking = seen.kind === 'loading' ? null : seen.kind === 'ready' && lacksTrust(seen.value);
  const isDone = isLacking === false && seen.kind === 'ready' && !isDisbelieved(seen.value);
  const view = <SeenCertificates {...{ zone, seen, again, urgency }} />;
  return <Tasks {...props} trust={{ isLacking, isDone, view }} />;
}

/** Nobody comes through the edge before an origin is told of, unless it serves the name already: then its pulls fail. */
function useUrgency({ zone, setup: { step } }: StepProps): Urgency {
  const isPast = stepIndex(step) > CONFIGURE;
  const fails = useFailsUnbelieved(zone.id);
  if (isPast || fails) return 'failing';
  return stepIndex(step) < CONFIGURE || step.waits_for === 'origin' ? 'later' : 'now';
}

const CONFIGURE = STEPS.findIndex(({ kind }) => kind === 'configure');

function Tasks(props: StepProps & { readonly trust: Trust | null }) {
  const { zone, setup, trust } = props;
  const hasToken = madeToken(setup.hostname) !== null;
  const isLoaded = setup.step.waits_for === 'visit';
  const isHeard = isLoaded || setup.step.waits_for === 'first';
  const now = taskOfNow(setup, { hasToken, trust });
  const { list, isFolded, lead } = useTaskOfNow(now, isHeard);
  const stateOf = (task: TaskKind, isDone: boolean): TaskState => {
    if (task === now) return 'now';
    return isDone && isHeard ? (isFolded ? 'folded' : 'done') : 'open';
  };
  return (
    <>
      {setup.step.kind === 'configure' && <Present {...{ now, lead, isLoaded }} />}
      {setup.step.kind === 'configure' && <Stuck {...props} />}
      <ol ref={list} class="setup-tasks">
        {setup.names.length > 1 && (
          <Task
            title="Here: have the edge serve every name"
            state={stateOf('names', lackingNames(setup).length === 0)}
            mark="Begin here"
          >
            <OtherRecords {...props} />
          </Task>
        )}
        <Task title="Here: what the origin needs" state={stateOf('access', true)} mark="Begin here">
          <OriginAccess zone={zone} setup={setup} />
        </Task>
        <Task
          title="On the origin: put the configuration in place"
          state={stateOf('place', true)}
          mark={hasToken ? 'Go on here' : 'Begin here'}
        >
          <Ways zone={zone} setup={setup} mode={setup.choices.mode ?? 'watch'} />
        </Task>
        <Reporting {...props} isTask isFolded={isFolded} />
        {trust !== null && (
          <Task title="Then, here: whom the edge believes" state={stateOf('trust', trust.isDone)}>
            {trust.view}
          </Task>
        )}
        {isHeard && (
          <Task title="Then open the site through the edge" state={stateOf('visit', false)}>
            <p>
              {isLoaded
                ? 'The server loaded the configuration: a look of Postern stands in its log. Nobody else came yet.'
                : 'No request was logged yet: a first one shows that the server loaded the configuration.'}
            </p>
            <ThroughEdge setup={setup} isNow={now === 'visit'} />
          </Task>
        )}
      </ol>
    </>
  );
}

/** What there is to be done, in the order of the page. */
type TaskKind = 'names' | 'access' | 'place' | 'trust' | 'visit';

interface Known {
  readonly hasToken: boolean;
  readonly trust: Trust | null;
}

/** What is to be done now; `null` where nothing is known, or nothing left to be done here. */
function taskOfNow(setup: Setup, { hasToken, trust }: Known): TaskKind | null {
  const { waits_for: waits } = setup.step;
  if (waits === 'origin') {
    if (lackingNames(setup).length > 0) return 'names';
    return hasToken ? 'place' : 'access';
  }
  if (waits !== 'first' && waits !== 'visit') return null;
  // The machine has told which certificate its server shows: before that there would be something to compare.
  if (trust !== null && trust.isLacking !== false) return trust.isLacking === null ? null : 'trust';
  return 'visit';
}

const NOTHING_HEARD = 'Nothing was heard of the origin yet.';

/** What is said of each, behind what is known already where something is, and how the way there is called. */
const TOLD: Readonly<Record<TaskKind, { readonly text: string; readonly act: string }>> = {
  names: { text: NOTHING_HEARD, act: 'Go to the names' },
  access: { text: NOTHING_HEARD, act: 'Go to what it needs' },
  place: { text: NOTHING_HEARD, act: 'Go to the configuration' },
  trust: { text: 'Now trust its certificate.', act: 'Go to its certificate' },
  visit: { text: 'Now visit it through the edge.', act: 'Go to the visit' },
};
const LOOKING = { text: 'Looking at its certificate.', act: 'Go to its certificate' };

interface PresentProps {
  readonly now: TaskKind | null;
  readonly lead: () => void;
  /** A look of Postern's own stands in the log of the server. */
  readonly isLoaded: boolean;
}

/** What is to be done now, in words, with the way to it. It keeps its size: nothing below moves when it says something else. */
function Present({ now, lead, isLoaded }: PresentProps) {
  const { text, act } = now === null ? LOOKING : TOLD[now];
  const known = isLoaded ? 'The server loaded it.' : 'Heard of the origin.';
  return (
    <Note>
      <div class="setup-present">
        <p role="status">
          <strong>{text === NOTHING_HEARD ? text : `${known} ${text}`}</strong>
        </p>
        <Button small disabled={now === null} onPress={lead}>
          {act}
        </Button>
      </div>
    </Note>
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
