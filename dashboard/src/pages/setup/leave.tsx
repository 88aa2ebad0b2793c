import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { go, Link } from '../../route.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { type Setup, setupApi } from './setup.ts';
import { SetupTokens } from './setup-tokens.tsx';

/** Whether nothing is left to be done but to end it. */
export function isToFinish({ step }: Setup): boolean {
  return step.kind === 'proved' && may('ssl:edit');
}

/** Going away for now, or for good. Who can finish a set-up that is proved is offered that alone, where its end is said. */
export function Leave({ zone, setup }: { readonly zone: Zone; readonly setup: Setup }) {
  const guarded = useGuarded(zone.id);
  const giveUp = () =>
    guarded.begin({
      title: `Give up the set-up of ${setup.hostname}`,
      act: 'Give it up',
      done: `The set-up of ${setup.hostname} is given up.`,
      call: { method: 'DELETE', path: setupApi(zone.id, setup.hostname) },
      about: `Only the set-up is forgotten. The record of ${setup.hostname}, Authenticated Origin Pulls, and whatever was put in place at the origin stay as they are: change the record on DNS, and take an installed lock out with postern origin uninstall ${setup.hostname}.`,
      more: <SetupTokens hostname={setup.hostname} />,
      change: null,
      final: true,
      onDone: () => go('/setup'),
    });
  if (isToFinish(setup)) return null;
  return (
    <>
      {may('ssl:edit') && (
        <Button kind="quiet" onPress={giveUp}>
          Give up
        </Button>
      )}
      <Link to="/setup" class="button">
        Leave for now
      </Link>
      {guarded.view}
    </>
  );
}
