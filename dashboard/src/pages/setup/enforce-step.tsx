import { type Resource, useRead } from '../../api/resource.ts';
import { Skeleton } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { Consequences, impactOf, weigh, type Weighed } from '../../parts/consequences.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { may } from '../../session.ts';
import { CarryOut, isAsking, NothingYet } from './asked-at-terminal.tsx';
import type { StepProps } from './step-props.ts';
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
      <Ways zone={zone} setup={setup} mode="enforce" />
      <AccessAgain zone={zone} setup={setup} />
    </>
  );
  // Where what was found is of something else, this is in place already.
  const isElsewhere = found !== null && !isMendedHere(found);
  // What is to be done next is to answer; it is looked at by itself then.
  const isAsked = kind === 'enforce' && found === null && isAsking(setup.terminal);
  if (isElsewhere)
    return (
      <>
        <details>
          <summary>The enforcing configuration again</summary>
          {configuration}
        </details>
        {kind === 'enforce' && (
          <>
            <h3>What was seen</h3>
            <LookAtLock {...props} />
          </>
        )}
      </>
    );
  if (isAsked)
    return (
      <CarryOut terminal={setup.terminal}>
        <LookAtLock {...props}>{configuration}</LookAtLock>
      </CarryOut>
    );
  const carryOut = <CarryOut terminal={setup.terminal}>{configuration}</CarryOut>;
  if (kind !== 'enforce') return carryOut;
  return (
    <LookAtLock {...props}>
      {carryOut}
      {found !== null && <h3>What was seen</h3>}
    </LookAtLock>
  );
}

/** What enforcing would do, kept up to date. */
function useWeighed(zone: string | null, change: Readonly<Record<string, unknown>>): Resource<Weighed> {
  const path = zone === null ? null : `${impactOf(zone)} ${JSON.stringify(change)}`;
  const [impact] = useRead<Weighed>(
    path,
    async () => {
      const { consequences, problems } = await weigh(impactOf(zone ?? ''), change);
      return consequences === null
        ? { kind: 'unreachable', problems }
        : { kind: 'answer', result: consequences, info: null, messages: [] };
    },
    { on: (event) => event.zone?.id === zone, every: PACE },
  );
  return impact;
}

/** For how long it was watched is said with it. */
const PACE = 15_000;

/** All that is enforced, as far as a title has room. */
function allNamed([first = '', ...others]: readonly string[]): string {
  const [second] = others;
  if (second === undefined) return first;
  return others.length === 1 ? `${first} and ${second}` : `${first} and ${others.length} more names`;
}

/** Says first what enforcing would do. */
export function Enforcing({ zone, setup, refresh }: StepProps) {
  const guarded = useGuarded(zone.id);
  const { hostname, choices, step } = setup;
  const { other_names: others = [] } = choices;
  const isReady = step.kind === 'enforce';
  const call = { method: 'PUT', path: setupApi(zone.id, hostname) } as const;
  const change = { kind: 'enforce', hostname, ...(others.length === 0 ? {} : { other_names: others }) };
  const impact = useWeighed(isReady ? zone.id : null, change);
  const isWeighing = isReady && impact.kind === 'loading';
  const weighed = impact.kind === 'ready' && impact.stale === null ? impact.value : null;
  const enforce = () =>
    guarded.begin({
      title: `Enforce ${allNamed([hostname, ...others])}`,
      act: 'Enforce',
      done:
        setup.terminal === null ? 'Decided. Now carry it out at the origin.' : 'Decided. Now answer in your terminal.',
      call: { ...call, body: { choices: { ...choices, mode: 'enforce' } } },
      change,
      // What stands here already is not asked once more, but where something would stop.
      ...(weighed === null ? {} : { shown: weighed }),
      final: true,
      onDone: refresh,
    });
  if (choices.server === undefined) return <p class="muted">Choose the server first.</p>;
  if (!may('ssl:edit')) return <p class="hint">This token may not decide that.</p>;
  return (
    <>
      {isWeighing && <Skeleton lines={3} />}
      {weighed !== null && <Consequences of={weighed} />}
      {!isReady && <p>Whoever comes without the certificate of the edge will be refused.</p>}
      {(isReady || setup.terminal !== null) && <NothingYet terminal={setup.terminal} />}
      <div class="row">
        <Button kind={isReady ? 'primary' : 'danger'} disabled={isWeighing} onPress={enforce}>
          {isReady ? 'Enforce' : 'Enforce all the same'}
        </Button>
        {guarded.view}
      </div>
    </>
  );
}
