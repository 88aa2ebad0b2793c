import { EnforcingAgain } from './enforcing-again.tsx';
import type { StepProps } from './guide.tsx';
import { LookAtLock } from './look.tsx';
import { NamesProved } from './names-proved.tsx';

/** Has the lock looked at in every way, and shows what was seen. */
export function ProveStep(props: StepProps) {
  const { setup } = props;
  const isLater = setup.step.kind !== 'prove' && setup.step.kind !== 'proved';
  return (
    <>
      {isLater && (
        <p class="muted">
          {setup.choices.mode === 'enforce'
            ? 'It comes once the origin enforces: put the configuration of the step before in place, then look.'
            : 'It comes once the origin enforces: nothing is to be proved while it refuses nobody.'}
        </p>
      )}
      {setup.step.kind === 'prove' && setup.choices.mode === 'enforce' && <EnforcingAgain {...props} />}
      {!isLater && <h3>Have the lock looked at</h3>}
      <NamesProved {...props} />
      <LookAtLock {...props} />
    </>
  );
}
