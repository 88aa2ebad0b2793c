import { movesOverview, type Overview, SETTLE_ALL } from '../../api/overview.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { PageHead } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { AttentionPanel } from './attention.tsx';
import { Counts } from './counts.tsx';
import { EdgesPanel } from './edges.tsx';
import { EndingPanel, useEnding } from '../../parts/ending-panel.tsx';
import { FirstRun } from './first-run.tsx';
import { PullsPanel } from './pulls.tsx';
import '../../style/pages/overview.css';

/** Often enough for what is due by time alone. */
const EVERY = 60_000;

/** The installation at a glance: how the locks are, what wants attention, what ends, what the edges do. */
export function Page() {
  const maySeeLocks = may('ssl:read');
  const [overview, refresh] = useResource<Overview>(maySeeLocks ? '/postern/v1/overview' : null, {
    on: movesOverview,
    every: EVERY,
    settle: SETTLE_ALL,
  });
  const isFirstRun = overview.kind === 'ready' && overview.value.zones.total === 0;
  return (
    <>
      <PageHead title="Overview" about="Whether your origins let nobody in but the edge, and what wants attention.">
        {may('zone:edit') && !isFirstRun && (
          <Link to="/setup" class="button primary">
            Lock an origin
          </Link>
        )}
      </PageHead>
      {maySeeLocks ? (
        <Awaited of={overview} retry={refresh} lines={16}>
          {(value) => (value.zones.total === 0 ? <FirstRun overview={value} /> : <Glance overview={value} />)}
        </Awaited>
      ) : (
        <ZonesOnly />
      )}
    </>
  );
}

function Glance({ overview }: { readonly overview: Overview }) {
  const [ending, retry] = useEnding();
  return (
    <>
      <Counts overview={overview} />
      <AttentionPanel attention={overview.attention} />
      <EndingPanel of={ending} retry={retry} />
      <div class="columns">
        <PullsPanel />
        {overview.edges !== null && may('edges:read') && <EdgesPanel />}
      </div>
    </>
  );
}

function ZonesOnly() {
  return (
    <Note>
      <p>
        This token sees zones, but not their locks: that takes the permission ssl:read.{' '}
        <Link to="/zones">All zones</Link>
      </p>
    </Note>
  );
}
