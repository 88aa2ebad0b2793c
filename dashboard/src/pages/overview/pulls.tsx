import { useMemo } from 'preact/hooks';
import { type Analytics, pullRates, rateText, stepTimes } from '../../api/analytics.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Chart } from '../../parts/chart.tsx';
import { Panel } from '../../parts/panel.tsx';
import { may, seesEverything } from '../../session.ts';

const EVERY = 5000;

/** What the edges pull, as it happens. Only for who may see all zones: it counts all of them together. */
export function PullsPanel() {
  if (!may('metrics:read') || !seesEverything.value) return null;
  return <Pulls />;
}

function Pulls() {
  const [analytics, refresh] = useResource<Analytics>('/postern/v1/analytics?last=15m', { every: EVERY });
  return (
    <Panel title="Pulls per second" about="What the edges asked of origins in the last 15 minutes, by outcome.">
      <Awaited of={analytics} retry={refresh} lines={8}>
        {(value) => <PullChart analytics={value} />}
      </Awaited>
    </Panel>
  );
}

/** Pulls per second by outcome. */
function PullChart({ analytics }: { readonly analytics: Analytics }) {
  const times = useMemo(() => stepTimes(analytics), [analytics]);
  const series = useMemo(() => pullRates(analytics), [analytics]);
  return <Chart label="Pulls per second by outcome" times={times} series={series} value={rateText} />;
}
