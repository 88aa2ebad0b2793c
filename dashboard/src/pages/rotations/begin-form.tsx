import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Problems } from '../../parts/problems.tsx';
import type { Zone } from '../../zone.tsx';
import { beginningCall, useBeginning } from './beginning.tsx';
import { NO_WISH, WISH_POINTERS, type WishDraft, WishFields, wishOf } from './pace-fields.tsx';
import { type Rotation, type What, WHATS } from './rotation.ts';

export interface RotationFormProps {
  readonly zone: Zone;
  /** It is known that no other is under way. */
  readonly isFree: boolean;
  readonly onBegun: (rotation: Rotation) => void;
}

interface Draft extends WishDraft {
  readonly what: What;
  readonly reason: string;
  readonly rehearsal: boolean;
}

const NEW: Draft = { ...NO_WISH, what: 'leaf', reason: '', rehearsal: false };
const POINTERS = ['/what', '/reason', ...WISH_POINTERS];

export const WHAT_OPTIONS = (['leaf', 'intermediate', 'root'] as const).map((value) => ({
  value,
  text: WHATS[value].title,
}));

/** Begins a rotation; what it would break is said before. */
export function BeginForm({ zone, isFree, onBegun }: RotationFormProps) {
  const [draft, change, done] = useDraft<Draft>(`${zone.id} rotation`, NEW);
  const { begin, busy, problems, view } = useBeginning(zone, (rotation) => {
    done();
    onBegun(rotation);
  });
  const body = bodyOf(draft);
  const words = {
    title: `Begin: ${WHATS[draft.what].brief}`,
    act: draft.rehearsal ? 'Rehearse it' : 'Begin the rotation',
    done: 'The rotation has begun.',
  };
  return (
    <Panel title="Begin a rotation" about={WHATS[draft.what].about}>
      <Form problems={problems} busy={busy} onSubmit={() => isFree && begin({ what: draft.what, words, body })}>
        <Problems problems={problemsElsewhere(problems, POINTERS)} />
        <Fields draft={draft} change={change} problems={problems} />
        <ApiCall call={beginningCall(zone, body)} of="Begin a rotation" />
        <div class="row">
          <Button type="submit" kind="primary" busy={busy} disabled={!isFree}>
            {draft.rehearsal ? 'Rehearse' : 'Begin'}
          </Button>
        </div>
      </Form>
      {view}
    </Panel>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problems: readonly ApiProblem[];
}

function Fields({ draft, change, problems }: FieldsProps) {
  return (
    <>
      <SelectField
        label="What is exchanged"
        required
        value={draft.what}
        onChange={(what) => change({ what })}
        options={WHAT_OPTIONS}
        problems={problemsAt(problems, '/what')}
      />
      <TextField
        label="Reason"
        value={draft.reason}
        onInput={(reason) => change({ reason })}
        hint="Stays in its history."
        problems={problemsAt(problems, '/reason')}
      />
      <CheckField
        label="Rehearse: go as far as the proof, and switch no origin"
        checked={draft.rehearsal}
        onChange={(rehearsal) => change({ rehearsal })}
      />
      <WishFields draft={draft} change={change} problems={problems} isEmergency={false} />
    </>
  );
}

function bodyOf(draft: Draft): Readonly<Record<string, unknown>> {
  return {
    what: draft.what,
    ...(draft.rehearsal ? { rehearsal: true } : {}),
    ...(draft.reason === '' ? {} : { reason: draft.reason }),
    ...wishOf(draft),
  };
}
