import type { Call } from '../../api/call.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { AreaField, SelectField, TextField } from '../../parts/field.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';
import { KEY_TYPES, namesIn } from './request-fields.ts';

interface RequestFormProps {
  readonly zone: Zone;
  readonly onClose: (changed: boolean) => void;
}

interface Draft {
  readonly level: string;
  readonly keyType: string;
  readonly commonName: string;
  readonly names: string;
}

const POINTERS = ['/level', '/key_type', '/common_name', '/hostnames'];
const EMPTY: Draft = { level: 'zone', keyType: 'ec:P-256', commonName: '', names: '' };
const LEVELS = [
  { value: 'zone', text: 'Zone: all hostnames without one of their own' },
  { value: 'hostname', text: 'Hostnames: those that choose it' },
];

/** Has a key made, and a request that a CA of one's own can sign. */
export function RequestForm({ zone, onClose }: RequestFormProps) {
  const [draft, change, done] = useDraft(`${zone.id} request`, EMPTY);
  const action = useAction();
  const name = draft.commonName.trim();
  const names = namesIn(draft.names);
  const body = {
    level: draft.level,
    key_type: draft.keyType,
    ...(name === '' ? {} : { common_name: name }),
    ...(names.length === 0 ? {} : { hostnames: names }),
  };
  const call: Call = { method: 'POST', path: `/postern/v1/zones/${zone.id}/certificate_requests`, body };
  const submit = async () => {
    if ((await action.run(call)) === null) return;
    done();
    say('The request is there: open it, and have your CA sign it.');
    onClose(true);
  };
  return (
    <Dialog title="Make a request" onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act="Make it"
        pointers={POINTERS}
        onSubmit={submit}
        onCancel={() => onClose(false)}
        lead={<p class="hint">The key is made here and never leaves Postern. Your CA gets the request only.</p>}
      >
        <Fields {...{ zone, draft, change }} problems={action.problems} />
      </CallForm>
    </Dialog>
  );
}

interface FieldsProps {
  readonly zone: Zone;
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problems: ReturnType<typeof useAction>['problems'];
}

function Fields({ zone, draft, change, problems }: FieldsProps) {
  return (
    <>
      <SelectField
        label="Level"
        required
        value={draft.level}
        onChange={(level) => change({ level })}
        options={LEVELS}
        problems={problemsAt(problems, '/level')}
      />
      <TextField
        label="Common name"
        value={draft.commonName}
        onInput={(commonName) => change({ commonName })}
        hint={`${zone.name} where left out; at most 64 characters.`}
        problems={problemsAt(problems, '/common_name')}
      />
      <AreaField
        label="Hostnames"
        rows={2}
        value={draft.names}
        onInput={(names) => change({ names })}
        hint="One a line; the URI of the zone is in it anyway."
        problems={problemsAt(problems, '/hostnames')}
      />
      <SelectField
        label="Key"
        required
        value={draft.keyType}
        onChange={(keyType) => change({ keyType })}
        options={KEY_TYPES}
        problems={problemsAt(problems, '/key_type')}
      />
    </>
  );
}
