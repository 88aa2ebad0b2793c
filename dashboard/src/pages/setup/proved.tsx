import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { go } from '../../route.tsx';
import { may } from '../../session.ts';
import { zonePath } from '../../zone.tsx';
import type { StepProps } from './guide.tsx';
import { LookAtLock } from './look.tsx';
import { setupApi } from './setup.ts';

/** The end: the lock was seen to hold. */
export function Proved(props: StepProps) {
  const { zone, setup } = props;
  const guarded = useGuarded(zone.id);
  const finish = () =>
    guarded.begin({
      title: `Finish the set-up of ${setup.hostname}`,
      act: 'Finish',
      done: `${setup.hostname} is locked.`,
      call: { method: 'DELETE', path: setupApi(zone.id, setup.hostname) },
      change: null,
      onDone: () => go(zonePath(zone.name, `/attestations/${encodeURIComponent(setup.hostname)}`)),
    });
  return (
    <Panel
      title="The lock is proved"
      about={`At ${setup.hostname} the edge gets in, and whoever came otherwise was refused. Postern goes on looking, and tells where that changes.`}
      aside={
        may('ssl:edit') && (
          <Button kind="primary" onPress={finish}>
            Finish
          </Button>
        )
      }
    >
      <LookAtLock {...props} />
      <p class="hint">
        This is about {setup.hostname} alone. Whether other names or ports of the same server stay open is for its whole
        configuration to say: <span class="mono">postern origin audit</span> reads it there.
      </p>
      {guarded.view}
    </Panel>
  );
}
