import { EnforcingAgain } from './enforcing-again.tsx';
import type { StepProps } from './step-props.ts';
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
            ? 'First put the configuration of the step before in place.'
            : 'Nothing is to be proved while the origin refuses nobody.'}
        </p>
      )}
      {setup.step.waits_for === 'look' && <p>The origin says that it enforces. See whether it holds:</p>}
      {setup.names.some(({ verdict }) => verdict !== null) && <NamesProved {...props} />}
      <LookAtLock {...props} />
      {setup.step.kind === 'prove' && setup.choices.mode === 'enforce' && <EnforcingAgain {...props} />}
    </>
  );
}
