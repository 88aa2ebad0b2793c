import '../../style/evidence.css';
import '../../style/pages/rotations.css';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { download } from '../../parts/download.ts';
import { Moment } from '../../parts/moment.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { Origins } from './origins.tsx';
import { CAUSES, deedText, endText, type Rotation, standingText, stepsOf, WHATS, waitsUntil } from './rotation.ts';
import { StageText, Stepper } from './stepper.tsx';
import { useSteering } from './steer.tsx';

/** New evidence comes without an event, while edges look. */
const AGAIN = 5_000;

/** One rotation: where it is, what it waits for, and what was seen of each origin. */
export function Page({ zone, params }: ZonePageProps) {
  const id = params['id'] ?? '';
  const [rotation, refresh] = useResource<Rotation>(
    `/postern/v1/zones/${zone.id}/rotations/${encodeURIComponent(id)}`,
    {
      on: ({ kind, zone: where }) =>
        where?.id === zone.id && (kind === 'rotation_moved' || kind === 'revision_committed'),
      every: AGAIN,
    },
  );
  return (
    <>
      <nav aria-label="Where this page is" class="crumbs">
        <Link to={zonePath(zone.name, '/rotations')}>Rotations</Link>
      </nav>
      {rotation.kind !== 'ready' && <PageHead title="Rotation" />}
      <Awaited of={rotation} retry={refresh} lines={12}>
        {(value) => <Shown rotation={value} zone={zone} refresh={refresh} />}
      </Awaited>
    </>
  );
}

interface ShownProps {
  readonly rotation: Rotation;
  readonly zone: Zone;
  readonly refresh: () => void;
}

function Shown({ rotation, zone, refresh }: ShownProps) {
  const steering = useSteering({ zone: zone.id, rotation, onDone: refresh });
  return (
    <>
      <PageHead title={WHATS[rotation.what].title} about={WHATS[rotation.what].about}>
        {steering.buttons ?? undefined}
      </PageHead>
      <Where rotation={rotation} />
      <Origins rotation={rotation} zone={zone.name} onForce={steering.force} />
      <History of={rotation} />
      {steering.view}
    </>
  );
}

function Where({ rotation }: { readonly rotation: Rotation }) {
  const { outcome, because, counts, paused, rehearsal } = rotation;
  const steps = stepsOf(rotation);
  return (
    <Panel
      title="Where it stands"
      aside={
        <>
          {rehearsal && <span class="tag">Rehearsal</span>}
          {rotation.cause === 'emergency' && <span class="tag">Emergency</span>}
        </>
      }
    >
      <Stepper steps={steps} />
      <div class="where" role="status">
        <p class="where-head">{standingText(rotation)}</p>
        {outcome === null ? <Waiting rotation={rotation} /> : <p>{endText(rotation)}</p>}
        {because !== '' && <p class="muted">{because}</p>}
        {outcome === null && !paused && <StageText steps={steps} />}
      </div>
      {rehearsal && outcome === null && (
        <Note>
          <p>A rehearsal ends after the proof, and leaves everything as it was.</p>
        </Note>
      )}
      {!rehearsal && <Progress of={counts} />}
      <Facts rotation={rotation} />
    </Panel>
  );
}

function Progress({ of: { switched, origins } }: { readonly of: Rotation['counts'] }) {
  return (
    <>
      <progress value={switched} max={Math.max(origins, 1)} aria-label="Origins that show the new certificate" />
      <p class="hint">
        {switched.toLocaleString()} of {origins.toLocaleString()} {origins === 1 ? 'origin shows' : 'origins show'} the
        new certificate
      </p>
    </>
  );
}

function Waiting({ rotation }: { readonly rotation: Rotation }) {
  const until = waitsUntil(rotation);
  return (
    <p>
      {rotation.waits_text}
      {until !== null && (
        <>
          , until <Moment at={until} full />
        </>
      )}
      .
    </p>
  );
}

function Facts({ rotation }: { readonly rotation: Rotation }) {
  const { cause, started_on, phase_since, ended_on, old_ca_until } = rotation;
  return (
    <dl class="facts">
      <div>
        <dt>Why</dt>
        <dd>{CAUSES[cause]}</dd>
      </div>
      <div>
        <dt>Begun</dt>
        <dd>
          <Moment at={started_on} />
        </dd>
      </div>
      <div>
        <dt>{ended_on === null ? 'In this stage' : 'Ended'}</dt>
        <dd>
          <Moment at={ended_on ?? phase_since} />
        </dd>
      </div>
      {old_ca_until !== null && (
        <div>
          <dt>The old CA leaves the bundle</dt>
          <dd>
            <Moment at={old_ca_until} />
          </dd>
        </div>
      )}
    </dl>
  );
}

const NAMED = 5;

function History({ of }: { readonly of: Rotation }) {
  const save = () => download(`rotation-${of.id}.json`, `${JSON.stringify(of, null, 2)}\n`, 'application/json');
  return (
    <Panel
      title="History"
      about="Every decision with its time, the newest first."
      aside={
        <Button small onPress={save}>
          Download the record
        </Button>
      }
    >
      <ol class="history">
        {of.history.toReversed().map(({ at, did, by, because, origins }, index) => (
          <li key={`${at} ${did} ${of.history.length - index}`}>
            <strong>{deedText(did)}</strong> <Moment at={at} />
            <p class="hint break">
              By {by}
              {because !== '' && `: ${because}`}
            </p>
            {origins.length > 0 && (
              <p class="hint break">
                {origins
                  .slice(0, NAMED)
                  .map(({ hostname }) => hostname)
                  .join(', ')}
                {origins.length > NAMED && ` and ${(origins.length - NAMED).toLocaleString()} more`}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
