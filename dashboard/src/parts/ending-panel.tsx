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

/** What ends, apart by who sees to it: of each the soonest, and how much there is. */
export type Ending = Readonly<
  Record<'by_hand' | 'renewing', { readonly count: number; readonly first: readonly Expiry[] }>
>;

/** What ends of all zones. */
export function useEnding(): readonly [Resource<Ending>, refresh: () => void] {
  const path = (renews: boolean) => `/postern/v1/expiries?within=${DAYS}d&per_page=${MOST}&renews=${renews}`;
  const options = { on: movesEnds, every: EVERY, settle: SETTLE_ALL };
  // Asked for apart: many that renew themselves must not hide the few that somebody has to see to.
  const [byHand, refreshByHand] = useResource<readonly Expiry[]>(path(false), options);
  const [renewing, refreshRenewing] = useResource<readonly Expiry[]>(path(true), options);
  const refresh = () => {
    refreshByHand();
    refreshRenewing();
  };
  return [useMemo(() => together(byHand, renewing), [byHand, renewing]), refresh];
}

function together(byHand: Resource<readonly Expiry[]>, renewing: Resource<readonly Expiry[]>): Resource<Ending> {
  if (byHand.kind !== 'ready') return byHand;
  if (renewing.kind !== 'ready') return renewing;
  const part = ({ value, info }: typeof byHand) => ({ count: info?.total_count ?? value.length, first: value });
  const value = { by_hand: part(byHand), renewing: part(renewing) };
  return { kind: 'ready', value, info: null, messages: [], stale: byHand.stale ?? renewing.stale };
}

interface EndingPanelProps {
  readonly of: Resource<Ending>;
  readonly retry: () => void;
}

/** What ends within three months. */
export function EndingPanel({ of, retry }: EndingPanelProps) {
  return (
    <Panel
      title="What ends"
      about={`Certificates, authorities and what else comes to its end in the next ${DAYS} days.`}
    >
      <Awaited of={of} retry={retry} lines={7}>
        {(ending) => <Ends ending={ending} />}
      </Awaited>
    </Panel>
  );
}

function Ends({ ending: { by_hand: byHand, renewing } }: { readonly ending: Ending }) {
  const expiries = useMemo(
    () => [...byHand.first, ...renewing.first].sort((a, b) => Date.parse(a.ends_on) - Date.parse(b.ends_on)),
    [byHand, renewing],
  );
  if (expiries.length === 0) return <p class="muted">Nothing ends in the next {DAYS} days.</p>;
  const today = Math.floor(now.value / DAY) * DAY;
  const left = byHand.count + renewing.count - expiries.length;
  return (
    <>
      <p class="ending-sum">
        <strong>{byHand.count.toLocaleString()}</strong> to be renewed by hand,{' '}
        <strong>{renewing.count.toLocaleString()}</strong> by themselves.
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
