import type { ComponentChildren } from 'preact';
import { type Resource, useResource } from '../../api/resource.ts';
import { tellsOfLocks } from '../attestations/lock.ts';
import type { AttestationDetail } from '../attestations/evidence.ts';
import { LooksPausedOf } from '../../parts/looks-paused.tsx';
import { useLookNow } from '../attestations/look-now.tsx';
import { inQuery } from '../../route.tsx';
import type { StepProps } from './step-props.ts';
import { PullsOfEdge } from './origin-trust.tsx';
import { SetupMatrix } from './matrix.tsx';
import { othersLookedAt } from './names-proved.tsx';
import type { Setup } from './setup.ts';

/** While somebody looks here, what others have looked at is shown too. */
const PACE = 10_000;

interface LookProps extends StepProps {
  /** What is put in place at the origin first: it stands below the button, which is in sight of who comes back from there. */
  readonly children?: ComponentChildren;
}

/** Has the lock looked at in every way, and shows what was seen by the newest look. */
export function LookAtLock({ zone, setup, refresh, children }: LookProps) {
  const path = `/postern/v1/zones/${zone.id}/attestations/${encodeURIComponent(setup.hostname)}`;
  const [seen, again] = useResource<readonly AttestationDetail[]>(path, { on: tellsOfLocks(zone.id), every: PACE });
  const look = useLookNow({
    zone: zone.id,
    hostname: setup.hostname,
    others: othersLookedAt(setup),
    label: 'Look at the lock now',
    // Something else is to be done next: what stands below it, or to finish.
    isPlain: setup.step.kind === 'proved' || (children !== undefined && setup.glances_until !== null),
    // A look that finds the same as before is no event: what it saw is asked for all the same.
    onDone: () => {
      again();
      refresh();
    },
  });
  const { waits_for: waits, found } = setup.step;
  // What a look found stands at the head of the step, with its own button to look again.
  const isToldAbove = found !== null && inQuery('step') === null;
  return (
    <>
      {look.problems}
      {!isToldAbove && (
        <div class={children === undefined ? 'row' : 'setup-look'}>
          {children !== undefined && <p>{byItself(setup)}</p>}
          <div class="row">{look.button}</div>
        </div>
      )}
      {children}
      {!isToldAbove && look.call}
      {(waits !== null || isUnbelieved(seen)) && (
        <PullsOfEdge
          zone={zone}
          hostname={setup.hostname}
          since={setup.configured_on}
          isSuspected={isUnbelieved(seen)}
        />
      )}
      <LooksPausedOf zone={zone} />
      <SetupMatrix setup={setup} seen={seen} retry={again} isToldAbove={isToldAbove} />
    </>
  );
}

/** Who carries the decision out has nothing to press, as long as Postern looks for that. */
function byItself({ glances_until: until }: Setup): string {
  return until === null
    ? 'Once it is in place there, have the lock looked at.'
    : 'Put this in place: Postern looks every few seconds by itself, and the page goes on once strangers are refused.';
}

function isUnbelieved(seen: Resource<readonly AttestationDetail[]>): boolean {
  return seen.kind === 'ready' && seen.value.some(({ findings }) => findings.includes('origin_not_believed'));
}
