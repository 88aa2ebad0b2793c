import type { StepProps } from './step-props.ts';
import { isMendedHere } from './mended.ts';
import { AccessAgain } from './origin-access.tsx';
import { Ways } from './ways.tsx';

/** The enforcing configuration once more: open where what was seen says that it is not in force as it should be. */
export function EnforcingAgain({ zone, setup }: StepProps) {
  const { waits_for: waits, found } = setup.step;
  const isToBeDone = waits !== 'look' && (found === null || isMendedHere(found));
  return (
    <details class="setup-again" open={isToBeDone}>
      <summary>The enforcing configuration</summary>
      <div class="setup-body">
        <AccessAgain zone={zone} setup={setup} />
        <Ways zone={zone} setup={setup} mode="enforce" />
      </div>
    </details>
  );
}
