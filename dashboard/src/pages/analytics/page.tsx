import { useMemo } from 'preact/hooks';
import { type Analytics, pullRates, rateText, stepTimes } from '../../api/analytics.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Chart } from '../../parts/chart.tsx';
import { Choices } from '../../parts/choices.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useKept } from '../../parts/kept.ts';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { inQuery, setQuery } from '../../route.tsx';
import type { ZonePageProps } from '../../page-props.ts';
import { Figures } from './figures.tsx';
import { Hostnames } from './hostnames.tsx';
import { certificateLines, handshakeLines, latencyLines, latencyText, shareText } from './lines.ts';
import { Reasons } from './reasons.tsx';
import '../../style/pages/analytics.css';

const SPANS = [
  { value: '15m', text: '15 min' },
  { value: '1h', text: '1 hour' },
  { value: '6h', text: '6 hours' },
  { value: '24h', text: '24 hours' },
  { value: '7d', text: '7 days' },
] as const;
const USUAL = '1h';
const LOOK_EVERY = 10_000;

/** What the edges counted of a zone. */
export function Page({ zone }: ZonePageProps) {
  const last = SPANS.find(({ value }) => value === inQuery('last'))?.value ?? USUAL;
  const path = `/postern/v1/zones/${zone.id}/analytics?last=${last}`;
  const [found, refresh] = useResource<Analytics>(path, { every: LOOK_EVERY });
  const analytics = useKept(found);
  return (
    <>
      <PageHead title="Analytics" about="What the edges counted between visitors and origins.">
        <Choices
          label="Span of time"
          options={SPANS}
          value={last}
          onChange={(value) => setQuery({ last: value === USUAL ? null : value })}
        />
      </PageHead>
      <Awaited of={analytics} retry={refresh} lines={12}>
        {(value) => <Counted analytics={value} />}
      </Awaited>
      <Hostnames zone={zone} />
    </>
  );
}

function Counted({ analytics }: { readonly analytics: Analytics }) {
  const times = useMemo(() => stepTimes(analytics), [analytics]);
  const { counted_since: since } = analytics;
  return (
    <>
      {since !== null && since > analytics.since && (
        <Note>
          <p>
            Counted since <Moment at={since} full />. Nothing is known of what was before; the charts have gaps there.
          </p>
        </Note>
      )}
      <Pulls analytics={analytics} times={times} />
      <div class="columns">
        <Certificates analytics={analytics} times={times} />
        <Latency analytics={analytics} times={times} />
      </div>
      <Handshakes analytics={analytics} times={times} />
    </>
  );
}

interface PartProps {
  readonly analytics: Analytics;
  readonly times: readonly number[];
}

function Pulls({ analytics, times }: PartProps) {
  const series = useMemo(() => pullRates(analytics), [analytics]);
  const { pulls, failures, edge_answers } = analytics.totals;
  return (
    <Panel title="Pulls" about="What the edges asked of origins, by how it ended.">
      <Figures
        all={[
          { name: 'Pulls', value: pulls.all.toLocaleString() },
          { name: 'Answered', value: pulls.answered.toLocaleString() },
          { name: 'Refused by the origin', value: pulls.refused.toLocaleString() },
          { name: 'Failed or cut off', value: (pulls.failed + pulls.cut).toLocaleString() },
        ]}
      />
      <Chart label="Pulls per second by outcome" times={times} series={series} value={rateText} sync="analytics" />
      <div class="columns">
        <Reasons title="Why pulls failed" of={failures} none="No pull was refused or failed." />
        <Reasons title="Answered by the edge itself" of={edge_answers} none="Everything was asked of an origin." />
      </div>
    </Panel>
  );
}

function Certificates({ analytics, times }: PartProps) {
  const series = useMemo(() => certificateLines(analytics), [analytics]);
  const { hostname, zone, global, without, plaintext } = analytics.totals.certificates;
  const shown = hostname + zone + global;
  return (
    <Panel title="Certificates shown" about="By which identity the edges told origins who they are.">
      <Figures
        all={[
          { name: 'With a certificate', value: shown.toLocaleString() },
          { name: 'Without', value: without.toLocaleString() },
          { name: 'Over plain HTTP', value: plaintext.toLocaleString() },
        ]}
      />
      <Chart label="Pulls per second by certificate" times={times} series={series} value={rateText} sync="analytics" />
    </Panel>
  );
}

function Latency({ analytics, times }: PartProps) {
  const series = useMemo(() => latencyLines(analytics), [analytics]);
  const { p50, p90, p99 } = analytics.totals.first_byte_seconds;
  const text = (seconds: number | null) => (seconds === null ? '—' : latencyText(seconds));
  return (
    <Panel title="Time to the first byte" about="How long origins took to begin their answers.">
      <Figures
        all={[
          { name: 'Half of them within', value: text(p50) },
          { name: '9 of 10 within', value: text(p90) },
          { name: '99 of 100 within', value: text(p99) },
        ]}
      />
      <Chart label="Time to the first byte" times={times} series={series} value={latencyText} sync="analytics" />
    </Panel>
  );
}

function Handshakes({ analytics, times }: PartProps) {
  const series = useMemo(() => handshakeLines(analytics), [analytics]);
  const { handshakes, handshake_failures, reuse } = analytics.totals;
  return (
    <Panel
      title="Handshakes with origins"
      about="In TLS 1.3 an origin may refuse a certificate after a handshake that counts as full: the pull is refused then."
    >
      <Figures
        all={[
          { name: 'Full', value: handshakes.full.toLocaleString() },
          { name: 'Resumed', value: handshakes.resumed.toLocaleString() },
          { name: 'Failed', value: handshakes.failed.toLocaleString() },
          { name: 'Pulls on reused connections', value: reuse === null ? '—' : shareText(reuse) },
        ]}
      />
      <Chart label="Handshakes per second" times={times} series={series} value={rateText} sync="analytics" />
      <Reasons title="Why handshakes failed" of={handshake_failures} none="No handshake failed." />
    </Panel>
  );
}
