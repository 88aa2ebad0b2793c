import { useMemo } from 'preact/hooks';
import type { View } from '../../../src/wire/answer-fields.ts';
import type { ENDING } from '../../../src/wire/zone-glance.ts';
import type { LiveEvent } from '../api/events.ts';
import { SETTLE_ALL } from '../api/overview.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { Awaited } from './awaited.tsx';
import { ExpiryTable } from './expiry-table.tsx';
import { now } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Timeline } from './timeline.tsx';

const EVERY = 300_000;
const DAY = 86_400_000;

// Certificates come and go with commits; what is seen of locks moves no end.
function movesEnds({ kind }: LiveEvent): boolean {
  return kind === 'revision_committed' || kind === 'bundle_changed';
}

/** What ends, apart by who sees to it: of each the soonest, and how much there is. */
export type Ending = View<typeof ENDING>;

/** What ends of all zones. */
export function useEnding(): readonly [Resource<Ending>, refresh: () => void] {
  return useResource<Ending>('/postern/v1/expiries/ending', { on: movesEnds, every: EVERY, settle: SETTLE_ALL });
}

interface EndingPanelProps {
  readonly of: Resource<Ending>;
  readonly retry: () => void;
}

/** What ends in the next months. */
export function EndingPanel({ of, retry }: EndingPanelProps) {
  return (
    <Panel title="What ends" about="Certificates, authorities and what else comes to its end soon.">
      <Awaited of={of} retry={retry} lines={7}>
        {(ending) => <Ends ending={ending} />}
      </Awaited>
    </Panel>
  );
}

function Ends({ ending: { within_days: days, by_hand: byHand, renewing } }: { readonly ending: Ending }) {
  const expiries = useMemo(
    () => [...byHand.first, ...renewing.first].sort((a, b) => Date.parse(a.ends_on) - Date.parse(b.ends_on)),
    [byHand, renewing],
  );
  if (expiries.length === 0) return <p class="muted">Nothing ends in the next {days} days.</p>;
  const today = Math.floor(now.value / DAY) * DAY;
  const most = Math.max(byHand.first.length, renewing.first.length);
  const left = byHand.count + renewing.count - expiries.length;
  return (
    <>
      <p class="ending-sum">
        <strong>{byHand.count.toLocaleString()}</strong> to be renewed by hand,{' '}
        <strong>{renewing.count.toLocaleString()}</strong> by themselves, in the next {days} days.
        {left > 0 && ` The soonest ${most} of each are shown.`}
      </p>
      <Timeline expiries={expiries} from={today} days={days} />
      <details class="ending-table">
        <summary>As a table</summary>
        <ExpiryTable caption="What ends" expiries={expiries} />
      </details>
    </>
  );
}
