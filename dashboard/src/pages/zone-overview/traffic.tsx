import { useMemo } from 'preact/hooks';
import { type Analytics, pullRates, rateText, stepTimes } from '../../api/analytics.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Chart } from '../../parts/chart.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';

/** What was pulled in the last hour, and how much of it showed no certificate. */
export function Traffic({ zone }: { readonly zone: Zone }) {
  const [analytics, refresh] = useResource<Analytics>(`/postern/v1/zones/${zone.id}/analytics?last=1h`, {
    every: 10_000,
  });
  return (
    <Panel title="The last hour" aside={<Link to={zonePath(zone.name, '/analytics')}>Analytics</Link>}>
      <Awaited of={analytics} retry={refresh} lines={9}>
        {(value) => <Hour analytics={value} />}
      </Awaited>
    </Panel>
  );
}

/** Five minutes are forgotten at once. */
const ALMOST_AN_HOUR = 55 * 60_000;

/** Whether the hour was counted to its beginning: hostnames are counted anew from each start of the control plane on. */
function isWhole(since: string, until: string): boolean {
  return Date.parse(until) - Date.parse(since) >= ALMOST_AN_HOUR;
}

function Hour({ analytics }: { readonly analytics: Analytics }) {
  const times = useMemo(() => stepTimes(analytics), [analytics]);
  const series = useMemo(() => pullRates(analytics), [analytics]);
  const { since, pulls, without_certificate, plaintext, refused } = analytics.last_hour;
  const bare = without_certificate + plaintext;
  return (
    <>
      <p class="traffic-sum">
        <strong>{pulls.toLocaleString()}</strong> {pulls === 1 ? 'pull' : 'pulls'},{' '}
        <strong>{bare.toLocaleString()}</strong> without a certificate, <strong>{refused.toLocaleString()}</strong>{' '}
        refused by origins
        {isWhole(since, analytics.until) ? (
          '.'
        ) : (
          <>
            , counted since <Moment at={since} />.
          </>
        )}
      </p>
      <Chart label="Pulls per second by outcome" times={times} series={series} value={rateText} height={180} />
    </>
  );
}
