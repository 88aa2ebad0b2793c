import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import { Note } from '../../parts/problems.tsx';
import type { Zone } from '../../zone.tsx';
import {
  type AccessRule,
  type AccessRuleDraft,
  bodyOf,
  draftOf,
  isEverybody,
  NEW_RULE,
  rulesPath,
} from './access-rule.ts';

const MODES = [
  { value: 'block', text: 'Block – the edge answers 403 and pulls nothing' },
  { value: 'whitelist', text: 'Let in – whatever other rules and limits say' },
] as const;

interface AccessRuleFormProps {
  readonly zone: Zone;
  /** The rule that is changed; `null` for a new one. */
  readonly rule: AccessRule | null;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** Adds a rule about visitors' addresses, or changes one. */
export function AccessRuleForm({ zone, rule, onClose }: AccessRuleFormProps) {
  const key = `${zone.id} access rule ${rule?.id ?? 'new'}`;
  const [draft, change, done] = useDraft<AccessRuleDraft>(key, rule === null ? NEW_RULE : draftOf(rule));
  const action = useGuardedForm<AccessRule>(zone.id);
  const path = rule === null ? rulesPath(zone.id) : `${rulesPath(zone.id)}/${rule.id}`;
  const body = bodyOf(draft);
  const call: Call = { method: rule === null ? 'POST' : 'PATCH', path, body };
  const submit = async () =>
    action.begin({
      title: `${title}: what follows`,
      act: rule === null ? 'Add' : 'Save',
      done: ({ mode, configuration: { value } }) => `${value} is ${mode === 'block' ? 'blocked' : 'let in'}.`,
      call,
      change: { kind: 'access_rule_put', change: body, ...(rule === null ? {} : { rule: rule.id }) },
      onDone: () => {
        done();
        onClose(true);
      },
    });
  const title = rule === null ? 'Add an access rule' : `Change the rule for ${rule.configuration.value}`;
  return (
    <Dialog title={title} onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={rule === null ? 'Add' : 'Save'}
        pointers={['/mode', '/configuration', '/notes']}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        <AccessRuleFields draft={draft} change={change} problems={action.problems} />
      </CallForm>
      {action.view}
    </Dialog>
  );
}

interface AccessRuleFieldsProps {
  readonly draft: AccessRuleDraft;
  readonly change: (part: Partial<AccessRuleDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

function AccessRuleFields({ draft, change, problems }: AccessRuleFieldsProps) {
  return (
    <>
      <TextField
        label="Address or network"
        required
        mono
        value={draft.value}
        onInput={(value) => change({ value })}
        problems={problemsAt(problems, '/configuration')}
        hint="Of the visitor, such as 192.0.2.1, 2001:db8::1 or 192.0.2.0/24. Of several networks that hold an address the smallest decides."
      />
      <SelectField
        label="What becomes of these visitors"
        required
        value={draft.mode}
        onChange={(mode) => change({ mode })}
        options={MODES}
        problems={problemsAt(problems, '/mode')}
      />
      {draft.mode === 'block' && isEverybody(draft.value) && (
        <Note kind="warning">
          <p>This network holds every address of its kind: only visitors whom a smaller network lets in stay.</p>
        </Note>
      )}
      <TextField
        label="Note"
        value={draft.notes}
        onInput={(notes) => change({ notes })}
        problems={problemsAt(problems, '/notes')}
        hint="Why the rule is there, for whoever meets it later."
      />
    </>
  );
}
