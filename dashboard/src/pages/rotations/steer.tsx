import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { Button } from '../../parts/button.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { Note } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Rotation } from './rotation.ts';

/** What somebody wants of a rotation that is under way. */
export type Wish =
  | { readonly action: 'pause' | 'resume' | 'undo' }
  /** Whose origins; `null` for all that are held back. */
  | { readonly action: 'force'; readonly hostname: string | null };

interface SteerProps {
  readonly zone: string;
  readonly rotation: Rotation;
  readonly onDone: () => void;
}

const GOING_BACK_ENDS: ReadonlySet<Rotation['phase']> = new Set(['confirming', 'undoing', 'ended']);

/** The buttons of a rotation that is under way, and the question that each asks. */
export function useSteering({ zone, rotation, onDone }: SteerProps) {
  const [wish, setWish] = useState<Wish | null>(null);
  const { paused, phase } = rotation;
  const isOver = rotation.ended_on !== null;
  const force = forceText(rotation);
  const buttons = isOver ? null : !may('ssl:edit') ? (
    <p class="hint">To steer it needs the permission ssl:edit.</p>
  ) : (
    <>
      <Button onPress={() => setWish({ action: paused ? 'resume' : 'pause' })}>{paused ? 'Resume' : 'Pause'}</Button>
      {!GOING_BACK_ENDS.has(phase) && <Button onPress={() => setWish({ action: 'undo' })}>Undo</Button>}
      {force !== null && (
        <Button kind="danger" onPress={() => setWish({ action: 'force', hostname: null })}>
          {force}
        </Button>
      )}
    </>
  );
  const close = () => setWish(null);
  const view =
    wish === null ? null : (
      <SteerDialog
        zone={zone}
        rotation={rotation}
        wish={wish}
        onClose={close}
        onDone={() => {
          close();
          onDone();
        }}
      />
    );
  return { buttons, view, force: (hostname: string) => setWish({ action: 'force', hostname }) };
}

function forceText({ phase, counts, rehearsal }: Rotation): string | null {
  if (rehearsal) return null;
  if (phase === 'retiring') return 'End the notice now';
  if (phase === 'confirming') return 'End without confirmation';
  return ['proving', 'canary', 'switching', 'watching'].includes(phase) && counts.held > 0 ? 'Force' : null;
}

interface Words {
  readonly title: string;
  readonly means: string;
  readonly act: string;
  readonly done: string;
}

function wordsOf(wish: Wish, { phase, counts }: Rotation): Words {
  switch (wish.action) {
    case 'pause':
      return {
        title: 'Pause this rotation',
        means: 'It rests where it is. An origin whose old certificate ends is switched all the same.',
        act: 'Pause it',
        done: 'The rotation is paused.',
      };
    case 'resume':
      return {
        title: 'Resume this rotation',
        means: 'It goes on where it was.',
        act: 'Resume it',
        done: 'It goes on.',
      };
    case 'undo':
      return {
        title: 'Undo this rotation',
        means: 'Every origin is shown the old certificate again, and the new one goes.',
        act: 'Undo it',
        done: 'The rotation is being undone.',
      };
    case 'force':
      return forceWords(wish.hostname, phase, counts.held);
  }
}

function forceWords(hostname: string | null, phase: Rotation['phase'], held: number): Words {
  if (phase === 'retiring') {
    return {
      title: 'End the notice now',
      means: 'The old CA leaves the bundle at once. Whoever still needs it has had no more time.',
      act: 'End the notice',
      done: 'The notice is over.',
    };
  }
  if (phase === 'confirming') {
    return {
      title: 'End without confirmation',
      means:
        'It ends although origins were not seen refusing the old CA: at those, what it signed may still open the lock.',
      act: 'End it',
      done: 'The rotation ends.',
    };
  }
  const whose = hostname ?? `${held.toLocaleString()} ${held === 1 ? 'origin' : 'origins'}`;
  return {
    title: `Switch ${whose} without proof`,
    means:
      'An origin that does not accept the new certificate refuses every pull from then on: its visitors get errors.',
    act: 'Switch without proof',
    done: 'Switched without proof.',
  };
}

interface SteerDialogProps extends SteerProps {
  readonly wish: Wish;
  readonly onClose: () => void;
}

function SteerDialog({ zone, rotation, wish, onClose, onDone }: SteerDialogProps) {
  const words = wordsOf(wish, rotation);
  const [draft, change, done] = useDraft(`${rotation.id} ${wish.action}`, { reason: '' });
  const action = useAction();
  const hostname = wish.action === 'force' ? wish.hostname : null;
  const body = {
    action: wish.action,
    ...(draft.reason === '' ? {} : { reason: draft.reason }),
    ...(hostname === null ? {} : { hostnames: [hostname] }),
  };
  const call: Call = { method: 'PATCH', path: `/postern/v1/zones/${zone}/rotations/${rotation.id}`, body };
  const submit = async () => {
    if ((await action.run<Rotation>(call)) === null) return;
    done();
    say(words.done);
    onDone();
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={words.act}
        kind={wish.action === 'force' ? 'danger' : 'primary'}
        pointers={['/reason']}
        onSubmit={submit}
        onCancel={onClose}
        cancel="Leave it as it is"
      >
        <Note kind={wish.action === 'force' ? 'problem' : 'info'}>
          <p>{words.means}</p>
        </Note>
        <TextField
          label="Reason"
          required={wish.action === 'force'}
          value={draft.reason}
          onInput={(reason) => change({ reason })}
          hint="Stays in its history."
          problems={problemsAt(action.problems, '/reason')}
        />
      </CallForm>
    </Dialog>
  );
}
