import '../../style/evidence.css';
import '../../style/pages/rotations.css';
import type { LiveEvent } from '../../api/events.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { go, Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { BeginForm } from './begin-form.tsx';
import { EmergencyForm } from './emergency-form.tsx';
import { CAUSES, type Rotation, standingText, stepsOf, WHATS } from './rotation.ts';
import { Stepper } from './stepper.tsx';

const PER_PAGE = 20;

/** The rotations of a zone: what is under way, how to begin one, what was. */
export function Page({ zone }: ZonePageProps) {
  const tells = ({ kind, zone: where }: LiveEvent) =>
    where?.id === zone.id && (kind === 'rotation_moved' || kind === 'revision_committed');
  const [newest, lookAgain] = useResource<readonly Rotation[]>(`/postern/v1/zones/${zone.id}/rotations?per_page=1`, {
    on: tells,
  });
  const path = `/postern/v1/zones/${zone.id}/rotations?per_page=${PER_PAGE}&page=${pageNumber()}`;
  const [found, listAgain] = useResource<readonly Rotation[]>(path, { on: tells });
  const list = useKept(found);
  const latest = newest.kind === 'ready' ? newest.value[0] : undefined;
  const running = latest?.ended_on === null ? latest : null;
  return (
    <>
      <PageHead
        title="Rotations"
        about="Exchanges the certificate that the edge shows. No origin is shown a new one before it was seen accepting it."
      />
      {running !== null && <UnderWay rotation={running} zone={zone} />}
      <Panel title="All rotations" about="Certificates are rotated by themselves when a third of their life is left.">
        <Awaited of={list} retry={listAgain} lines={4} empty={<NoneYet zone={zone} />}>
          {(rows, info) => (
            <>
              <Table caption="Rotations" columns={columns(zone)} rows={rows} keyOf={({ id }) => id} />
              <Pager info={info} what="rotations" />
            </>
          )}
        </Awaited>
      </Panel>
      <Begin
        zone={zone}
        isFree={newest.kind === 'ready' && running === null}
        isTaken={running !== null}
        retry={lookAgain}
      />
    </>
  );
}

/** When the first comes: when the first certificate that Postern makes itself is due. */
function NoneYet({ zone }: { readonly zone: Zone }) {
  const [identities] = useResource<readonly Due[]>(`/postern/v1/zones/${zone.id}/identities?level=zone`);
  const due = identities.kind === 'ready' ? identities.value.flatMap(({ renews_on: at }) => at ?? []).toSorted() : [];
  const [first] = due;
  return (
    <p>
      No rotation yet.{' '}
      {first === undefined ? (
        'The first comes by itself.'
      ) : (
        <>
          The first comes by itself <Moment at={first} />.
        </>
      )}
    </p>
  );
}

interface Due {
  readonly renews_on: string | null;
}

const rotationPath = (zone: Zone, id: string): string => zonePath(zone.name, `/rotations/${id}`);

function UnderWay({ rotation, zone }: { readonly rotation: Rotation; readonly zone: Zone }) {
  const { counts, waits_text } = rotation;
  return (
    <Panel
      title={`Under way: ${WHATS[rotation.what].brief}`}
      aside={<Link to={rotationPath(zone, rotation.id)}>Watch it</Link>}
    >
      <Stepper steps={stepsOf(rotation)} />
      <p role="status">
        <strong>{standingText(rotation)}.</strong> {waits_text}. {counts.switched.toLocaleString()} of{' '}
        {counts.origins.toLocaleString()} {counts.origins === 1 ? 'origin shows' : 'origins show'} the new certificate.
      </p>
    </Panel>
  );
}

interface BeginProps {
  readonly zone: Zone;
  /** It is known that nothing is under way. */
  readonly isFree: boolean;
  /** It is known that something is. */
  readonly isTaken: boolean;
  readonly retry: () => void;
}

function Begin({ zone, isFree, isTaken, retry }: BeginProps) {
  if (!may('ssl:edit')) {
    return (
      <Note>
        <p>To begin a rotation needs the permission ssl:edit, which this token does not have.</p>
      </Note>
    );
  }
  if (isTaken) {
    return (
      <Note>
        <p>One rotation is under way. Before another can begin, in an emergency too, it has to end or be undone.</p>
      </Note>
    );
  }
  const begun = ({ id }: Rotation) => {
    retry();
    go(rotationPath(zone, id));
  };
  return (
    <>
      <BeginForm zone={zone} isFree={isFree} onBegun={begun} />
      <EmergencyForm zone={zone} isFree={isFree} onBegun={begun} />
    </>
  );
}

const columns = (zone: Zone): readonly Column<Rotation>[] => [
  {
    title: 'Rotation',
    names: true,
    cell: (one) => (
      <>
        <Link to={rotationPath(zone, one.id)}>{WHATS[one.what].title}</Link>
        {one.rehearsal && <span class="tag beside">Rehearsal</span>}
        {one.cause === 'emergency' && <span class="tag beside">Emergency</span>}
      </>
    ),
  },
  { title: 'State', cell: (one) => <StateBadge of={one} /> },
  { title: 'Why', optional: true, cell: ({ cause }) => CAUSES[cause] },
  {
    title: 'Switched',
    optional: true,
    align: 'end',
    cell: ({ counts }) => `${counts.switched.toLocaleString()} of ${counts.origins.toLocaleString()}`,
  },
  { title: 'Begun', cell: ({ started_on }) => <Moment at={started_on} /> },
  {
    title: 'Ended',
    optional: true,
    cell: ({ ended_on }) => (ended_on === null ? '—' : <Moment at={ended_on} />),
  },
];

function StateBadge({ of }: { readonly of: Rotation }) {
  const kind = of.outcome ?? (of.paused ? 'paused' : 'running');
  return <span class={`state ${kind}`}>{standingText(of)}</span>;
}
