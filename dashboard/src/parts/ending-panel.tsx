import { useMemo } from 'preact/hooks';
import type { LiveEvent } from '../api/events.ts';
import { type Expiry, SETTLE_ALL } from '../api/overview.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { Awaited } from './awaited.tsx';
import { ExpiryTable } from './expiry-table.tsx';
import { now } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Timeline } from './timeline.tsx';

const DAYS = 90;
const MOST = 100;
const EVERY = 300_000;
const DAY = 86_400_000;

// Certificates come and go with commits; what is seen of locks moves no end.
function movesEnds({ kind }: LiveEvent): boolean {
  return kind === 'revision_committed' || kind === 'bundle_changed';
}

/** What ends within three months: of one zone, or of all. */
export function EndingPanel({ zone = null }: { readonly zone?: string | null }) {
  const path = (renews: boolean) =>
    `/postern/v1/expiries?within=${DAYS}d&per_page=${MOST}&renews=${renews}${zone === null ? '' : `&zone=${zone}`}`;
  const options = { on: movesEnds, every: EVERY, settle: SETTLE_ALL };
  // Asked for apart: many that renew themselves must not hide the few that somebody has to see to.
  const [byHand, refreshByHand] = useResource<readonly Expiry[]>(path(false), options);
  const [renewing, refreshRenewing] = useResource<readonly Expiry[]>(path(true), options);
  const refresh = () => {
    refreshByHand();
    refreshRenewing();
  };
  const both = useMemo(() => together(byHand, renewing), [byHand, renewing]);
  return (
    <Panel
      title="What ends"
      about={`Certificates, authorities and what else comes to its end in the next ${DAYS} days.`}
    >
      <Awaited of={both} retry={refresh} lines={7}>
        {(ends) => <Ends ends={ends} />}
      </Awaited>
    </Panel>
  );
}

interface Ending {
  readonly expiries: readonly Expiry[];
  readonly byHand: number;
  readonly renewing: number;
}

function together(byHand: Resource<readonly Expiry[]>, renewing: Resource<readonly Expiry[]>): Resource<Ending> {
  if (byHand.kind !== 'ready') return byHand;
  if (renewing.kind !== 'ready') return renewing;
  const expiries = [...byHand.value, ...renewing.value].sort((a, b) => Date.parse(a.ends_on) - Date.parse(b.ends_on));
  const value = {
    expiries,
    byHand: byHand.info?.total_count ?? byHand.value.length,
    renewing: renewing.info?.total_count ?? renewing.value.length,
  };
  return { kind: 'ready', value, info: null, messages: [], stale: byHand.stale ?? renewing.stale };
}

function Ends({ ends }: { readonly ends: Ending }) {
  const { expiries, byHand, renewing } = ends;
  if (expiries.length === 0) return <p class="muted">Nothing ends in the next {DAYS} days.</p>;
  const today = Math.floor(now.value / DAY) * DAY;
  const left = byHand + renewing - expiries.length;
  return (
    <>
      <p class="ending-sum">
        <strong>{byHand.toLocaleString()}</strong> to be renewed by hand, <strong>{renewing.toLocaleString()}</strong>{' '}
        by themselves.
        {left > 0 && ` The soonest ${MOST} of each are shown.`}
      </p>
      <Timeline expiries={expiries} from={today} days={DAYS} />
      <details class="ending-table">
        <summary>As a table</summary>
        <ExpiryTable caption="What ends" expiries={expiries} />
      </details>
    </>
  );
}
