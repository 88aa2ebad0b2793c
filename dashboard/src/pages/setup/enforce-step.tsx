import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { may } from '../../session.ts';
import { AsksThere, CarryOut, isAsking } from './asked-at-terminal.tsx';
import type { StepProps } from './guide.tsx';
import { LookAtLock } from './look.tsx';
import { isMendedHere } from './mended.ts';
import { AccessAgain } from './origin-access.tsx';
import { setupApi } from './setup.ts';
import { Ways } from './ways.tsx';

/** The decision that only the edge gets in, what carries it out at the origin, and whether it did. */
export function EnforceStep(props: StepProps) {
  const { zone, setup } = props;
  if (setup.choices.mode !== 'enforce') return <Enforcing {...props} />;
  const { kind, found } = setup.step;
  const configuration = (
    <>
      <AccessAgain zone={zone} setup={setup} />
      <Ways zone={zone} setup={setup} mode="enforce" />
    </>
  );
  // Where what was found is of something else, this is in place already.
  const isElsewhere = found !== null && !isMendedHere(found);
  // What is to be done next is to answer; it is looked at by itself then.
  const isAsked = kind === 'enforce' && found === null && isAsking(setup.terminal);
  return (
    <>
      {isElsewhere ? (
        <details>
          <summary>The enforcing configuration again</summary>
          {configuration}
        </details>
      ) : (
        <CarryOut terminal={setup.terminal}>
          {configuration}
          {isAsked && <LookAtLock {...props} />}
        </CarryOut>
      )}
      {kind === 'enforce' && !isAsked && (
        <>
          <h3>{found === null ? 'Then have the lock looked at' : 'What was seen'}</h3>
          <LookAtLock {...props} />
        </>
      )}
    </>
  );
}

/** Says first what enforcing would do. */
export function Enforcing({ zone, setup, refresh }: StepProps) {
  const guarded = useGuarded(zone.id);
  const { hostname, choices, step } = setup;
  const { other_names: others = [] } = choices;
  const isReady = step.kind === 'enforce';
  const call = { method: 'PUT', path: setupApi(zone.id, hostname) } as const;
  const enforce = () =>
    guarded.begin({
      title: `Enforce ${hostname}`,
      act: 'Enforce',
      done:
        setup.terminal === null ? 'Decided. Now carry it out at the origin.' : 'Decided. Now answer in your terminal.',
      call: { ...call, body: { choices: { ...choices, mode: 'enforce' } } },
      change: { kind: 'enforce', hostname, ...(others.length === 0 ? {} : { other_names: others }) },
      final: true,
      onDone: refresh,
    });
  if (choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  if (!may('ssl:edit')) return <p class="hint">This token may not decide that.</p>;
  return (
    <>
      <p>
        {isReady
          ? 'It is yours to decide. Nothing changes at the origin by it: what to put in place there is shown next.'
          : 'It is not known yet that nobody but the edge comes. Whoever comes without its certificate is refused once the enforcing configuration is in place.'}
      </p>
      <AsksThere terminal={setup.terminal} />
      <div class="row">
        <Button kind={isReady ? 'primary' : 'danger'} onPress={enforce}>
          {isReady ? 'Enforce' : 'Enforce all the same'}
        </Button>
        {guarded.view}
      </div>
    </>
  );
}
