import type { Call } from '../../api/call.ts';
import { type LookPause, type LookSettings, lookPausePath } from '../../api/looks.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { MomentField } from '../../parts/moment-field.tsx';
import { Note } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';
import type { Locks } from './lock.ts';

const LASTING = [
  { value: '3600', text: 'One hour' },
  { value: '14400', text: 'Four hours' },
  { value: '86400', text: 'A day' },
  { value: '259200', text: 'Three days' },
  { value: '604800', text: 'A week, the longest' },
  { value: 'until', text: 'Until a time' },
] as const;

type Lasting = (typeof LASTING)[number]['value'];

interface Draft {
  readonly reason: string;
  readonly lasting: Lasting;
  readonly until: string;
}

const NEW: Draft = { reason: '', lasting: '3600', until: '' };

interface PauseFormProps {
  readonly zone: Zone;
  /** The pause that is in force and gets another end; `null` where none is. */
  readonly paused: LookPause | null;
  readonly counts: Locks['counts'] | null;
  readonly onClose: (changed: boolean) => void;
}

/** Has nobody look for a while, with what that costs said before. */
export function PauseForm({ zone, paused, counts, onClose }: PauseFormProps) {
  const [draft, change, done] = useDraft<Draft>(
    `${zone.id} pause of looks ${paused?.since ?? ''}`,
    paused === null ? NEW : { reason: paused.reason, lasting: 'until', until: paused.until },
  );
  const action = useAction();
  const call: Call = { method: 'PUT', path: lookPausePath(zone.id), body: bodyOf(draft) };
  const submit = async () => {
    if ((await action.run<LookSettings>(call)) === null) return;
    done();
    say(`Nobody looks at the locks of ${zone.name} for a while.`);
    onClose(true);
  };
  const at = (pointer: string) => problemsAt(action.problems, pointer);
  return (
    <Dialog title={paused === null ? 'Pause looks' : 'Change the pause'} onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={paused === null ? 'Pause looks' : 'Save'}
        pointers={['/reason', '/seconds', '/until']}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        {paused === null && <Costs counts={counts} />}
        <TextField
          label="Why"
          required
          value={draft.reason}
          onInput={(reason) => change({ reason })}
          hint="Stands beside every verdict meanwhile, in notices and in the audit log."
          problems={at('/reason')}
        />
        <div class="fields">
          <SelectField
            label="How long"
            required
            value={draft.lasting}
            onChange={(lasting) => change({ lasting })}
            options={LASTING}
            problems={draft.lasting === 'until' ? [] : [...at('/seconds'), ...at('/until')]}
          />
          {draft.lasting === 'until' && (
            <MomentField
              label="Until"
              required
              value={draft.until}
              onChange={(until) => change({ until })}
              hint="In a week at the latest. Then looks go on by themselves."
              problems={[...at('/until'), ...at('/seconds')]}
            />
          )}
        </div>
      </CallForm>
    </Dialog>
  );
}

/** What is lost while nobody looks. */
function Costs({ counts }: { readonly counts: Locks['counts'] | null }) {
  const locked = counts?.locked ?? 0;
  return (
    <Note kind="warning">
      <p>
        {locked === 0
          ? 'No lock of this zone is known to hold now.'
          : locked === 1
            ? 'One origin is locked now: it becomes unknown, and locked since then is lost.'
            : `${locked.toLocaleString()} origins are locked now: they become unknown, and locked since then is lost.`}{' '}
        An origin that is opened meanwhile is noticed by nobody. Nothing changes for visitors.
      </p>
    </Note>
  );
}

function bodyOf({ reason, lasting, until }: Draft): Readonly<Record<string, unknown>> {
  const ends = lasting === 'until' ? { until } : { seconds: Number(lasting) };
  return { ...ends, reason: reason.trim() };
}
