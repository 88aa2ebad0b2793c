import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { may } from '../../session.ts';
import type { StepProps } from './guide.tsx';
import { AccessAgain } from './origin-access.tsx';
import { setupApi } from './setup.ts';
import { Ways } from './ways.tsx';

/** The decision that only the edge gets in, and what carries it out at the origin. */
export function EnforceStep(props: StepProps) {
  const { zone, setup } = props;
  if (setup.choices.mode !== 'enforce') return <Enforcing {...props} />;
  return (
    <>
      <h3>On the origin: put the enforcing configuration in place</h3>
      <AccessAgain zone={zone} setup={setup} />
      <Ways zone={zone} setup={setup} mode="enforce" />
    </>
  );
}

/** Says first what enforcing would do. */
export function Enforcing({ zone, setup, refresh }: StepProps) {
  const guarded = useGuarded(zone.id);
  const { hostname, choices, step } = setup;
  const call = { method: 'PUT', path: setupApi(zone.id, hostname) } as const;
  const enforce = () =>
    guarded.begin({
      title: `Enforce ${hostname}`,
      act: 'Enforce',
      done: 'Decided. Now carry it out at the origin.',
      call: { ...call, body: { choices: { ...choices, mode: 'enforce' } } },
      change: { kind: 'enforce', hostname },
      final: true,
      onDone: refresh,
    });
  if (!may('ssl:edit')) return <p class="hint">This token may not decide that.</p>;
  return (
    <div class="row">
      <Button kind={step.kind === 'enforce' ? 'primary' : 'danger'} onPress={enforce}>
        {step.kind === 'enforce' ? 'Enforce' : 'Enforce all the same'}
      </Button>
      {guarded.view}
    </div>
  );
}
