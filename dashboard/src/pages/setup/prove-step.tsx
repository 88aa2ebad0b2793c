import { useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Problems } from '../../parts/problems.tsx';
import { may } from '../../session.ts';
import type { StepProps } from './guide.tsx';
import { SetupMatrix } from './matrix.tsx';
import { PullsOfEdge } from './origin-trust.tsx';
import { AccessAgain } from './origin-access.tsx';
import { Ways } from './ways.tsx';

/** Has the lock looked at in every way, and shows what was seen. */
export function ProveStep({ zone, setup, refresh }: StepProps) {
  const action = useAction();
  const call = {
    method: 'POST',
    path: `/postern/v1/zones/${zone.id}/attestations`,
    body: { hostname: setup.hostname },
  } as const;
  const look = async () => {
    if ((await action.run(call)) !== null) refresh();
  };
  return (
    <>
      {setup.choices.mode === 'enforce' && setup.step.kind === 'prove' && (
        <>
          <h3>On the origin: put the enforcing configuration in place</h3>
          <AccessAgain zone={zone} setup={setup} />
          <Ways zone={zone} setup={setup} mode="enforce" />
        </>
      )}
      <h3>Then have the lock looked at</h3>
      <Problems problems={action.problems} />
      {may('ssl:edit') && (
        <div class="row">
          <Button kind="primary" busy={action.busy} onPress={() => void look()}>
            Look at the lock now
          </Button>
        </div>
      )}
      <ApiCall call={call} of="Look at the lock now" />
      {setup.step.kind === 'prove' && <PullsOfEdge zone={zone} />}
      <SetupMatrix zone={zone} setup={setup} />
    </>
  );
}
