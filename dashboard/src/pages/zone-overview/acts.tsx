import { Button } from '../../parts/button.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { go } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';

/** What can be done to a whole zone; what it would break is said before. */
export function Acts({ zone }: { readonly zone: Zone }) {
  const guarded = useGuarded(zone.id);
  const path = `/client/v4/zones/${zone.id}`;
  const { name, paused } = zone;
  const pause = () =>
    guarded.begin({
      title: paused ? `Serve ${name} again` : `Pause ${name}`,
      act: paused ? 'Serve it again' : 'Pause it',
      done: paused ? `The edge serves ${name} again.` : `The edge serves none of the names of ${name}.`,
      call: { method: 'PATCH', path, body: { paused: !paused } },
      change: { kind: 'pause', on: !paused },
    });
  const remove = () =>
    guarded.begin({
      title: `Delete ${name}`,
      act: 'Delete it for good',
      done: `${name} is gone.`,
      call: { method: 'DELETE', path },
      change: { kind: 'zone_delete' },
      final: true,
      typed: name,
      onDone: () => go('/zones'),
    });
  return (
    <>
      <Button busy={guarded.busy} onPress={pause}>
        {paused ? 'Serve it again' : 'Pause'}
      </Button>
      <Button kind="danger" onPress={remove}>
        Delete
      </Button>
      {guarded.view}
    </>
  );
}
