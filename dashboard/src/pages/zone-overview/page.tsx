import type { Resource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { type Ending, EndingPanel } from '../../parts/ending-panel.tsx';
import { PageHead } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { Acts } from './acts.tsx';
import { Concerns } from './concerns.tsx';
import { type Glance, type Glanced, useGlance } from './glance.ts';
import { LockPanel } from './lock-panel.tsx';
import { Pulled } from './pulled.tsx';
import { Traffic } from './traffic.tsx';
import { UnderWay } from './under-way.tsx';
import { Ways } from './ways.tsx';
import '../../style/pages/zone-overview.css';

/** A zone at a glance: whether its lock holds, how it is pulled, what ends and what it needs. */
export function Page({ zone }: ZonePageProps) {
  const glanced = useGlance(zone);
  const [glance, refresh] = glanced;
  const ending = may('ssl:read') ? endingOf(glance) : null;
  return (
    <>
      <PageHead title={zone.name} about="Whether its origins let nobody in but the edge, and what that rests on.">
        {may('zone:edit') && <Acts zone={zone} />}
      </PageHead>
      {zone.paused && (
        <Note kind="warning">
          <p>
            This zone is paused: the edge serves none of its names, and nobody looks at its locks. What was set up stays
            as it is.
          </p>
        </Note>
      )}
      {glance.kind === 'ready' && <UnderWay zone={zone} setups={glance.value.setups ?? []} />}
      {may('ssl:read') && <Locked zone={zone} glanced={glanced} />}
      <div class="columns">
        {may('settings:read') && <Pulled zone={zone} glanced={glanced} />}
        <Traffic zone={zone} />
      </div>
      {ending !== null && <EndingPanel of={ending} retry={refresh} />}
      <Ways zone={zone} />
    </>
  );
}

/** Null where the token may not see it. */
function endingOf(glance: Resource<Glance>): Resource<Ending> | null {
  if (glance.kind !== 'ready') return glance;
  const { value, ...rest } = glance;
  return value.ending === null ? null : { ...rest, value: value.ending };
}

interface LockedProps {
  readonly zone: Zone;
  readonly glanced: Glanced;
}

function Locked({ zone, glanced: [glance, refresh] }: LockedProps) {
  return (
    <Awaited of={glance} retry={refresh} lines={6}>
      {({ row, locks, notices }) => {
        if (row === null) return <p>This zone is being deleted.</p>;
        return (
          <>
            {row.rotation !== null && (
              <Note>
                <p>
                  A rotation is {row.rotation.paused ? 'paused' : 'in progress'}:{' '}
                  {row.rotation.phase.replaceAll('_', ' ')}.{' '}
                  <Link to={zonePath(zone.name, `/rotations/${row.rotation.id}`)}>Follow it</Link>
                </p>
              </Note>
            )}
            <LockPanel zone={zone} row={row} locks={locks} />
            {notices !== null && <Concerns zone={zone} row={row} notices={notices} />}
          </>
        );
      }}
    </Awaited>
  );
}
