import { movesOverview, type ZoneRow } from '../../api/overview.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { EndingPanel } from '../../parts/ending-panel.tsx';
import { PageHead } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, type ZonePageProps, zonePath } from '../../zone.tsx';
import { Acts } from './acts.tsx';
import { Concerns, useSaid } from './concerns.tsx';
import { LockPanel, useLock } from './lock-panel.tsx';
import { Pulled } from './pulled.tsx';
import { Traffic } from './traffic.tsx';
import { UnderWay } from './under-way.tsx';
import { Ways } from './ways.tsx';
import '../../style/pages/zone-overview.css';

/** A zone at a glance: whether its lock holds, how it is pulled, what ends and what it needs. */
export function Page({ zone }: ZonePageProps) {
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
      {may('ssl:read') && <UnderWay zone={zone} />}
      {may('ssl:read') && <Locked zone={zone} />}
      <div class="columns">
        {may('settings:read') && <Pulled zone={zone} />}
        <Traffic zone={zone} />
      </div>
      {may('ssl:read') && <EndingPanel zone={zone.id} />}
      <Ways zone={zone} />
    </>
  );
}

function Locked({ zone }: { readonly zone: Zone }) {
  const path = `/postern/v1/overview/zones?search=${zone.id}`;
  const [rows, refresh] = useResource<readonly ZoneRow[]>(path, {
    on: (event) => event.zone?.id === zone.id && movesOverview(event),
    every: 60_000,
  });
  // Asked for together, though what is shown of them stands below the row.
  const lock = useLock(zone);
  const said = useSaid(zone);
  return (
    <Awaited of={rows} retry={refresh} lines={6} empty={<p>This zone is being deleted.</p>}>
      {([row]) =>
        row !== undefined && (
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
            <LockPanel zone={zone} row={row} lock={lock} />
            {may('notices:read') && <Concerns zone={zone} concerns={row.concerns} verdict={row.verdict} said={said} />}
          </>
        )
      }
    </Awaited>
  );
}
