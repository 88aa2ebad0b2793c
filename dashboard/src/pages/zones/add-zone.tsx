import type { Call } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { say } from '../../parts/toast.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';

interface Account {
  readonly id: string;
  readonly name: string;
}

interface AddZoneProps {
  /** With the name of the zone that was added, or `null` for none. */
  readonly onClose: (added: string | null) => void;
}

/** Adds a zone; in which account is asked only where there are several. */
export function AddZone({ onClose }: AddZoneProps) {
  const [draft, change, done] = useDraft('zone', { name: '', account: '' });
  const [accounts] = useResource<readonly Account[]>(may('account:read') ? '/client/v4/accounts?per_page=50' : null);
  const action = useAction();
  const choices = accounts.kind === 'ready' ? accounts.value : [];
  const isChoice = choices.length > 1;
  const account = draft.account === '' ? {} : { account: { id: draft.account } };
  const call: Call = {
    method: 'POST',
    path: '/client/v4/zones',
    body: { name: draft.name.trim(), ...(isChoice ? account : {}) },
  };
  const submit = async () => {
    const zone = await action.run<Zone>(call);
    if (zone === null) return;
    done();
    say(`${zone.name} is there, with an authority of its own.`);
    onClose(zone.name);
  };
  return (
    <Dialog title="Add a zone" onClose={() => onClose(null)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act="Add the zone"
        pointers={['/name', '/account']}
        onSubmit={submit}
        onCancel={() => onClose(null)}
      >
        <TextField
          label="Name"
          required
          value={draft.name}
          placeholder="example.com"
          hint="The domain whose names the edge serves. It gets an authority and a managed certificate of its own."
          problems={problemsAt(action.problems, '/name')}
          onInput={(name) => change({ name })}
        />
        {isChoice && (
          <SelectField
            label="Account"
            value={draft.account}
            onChange={(id) => change({ account: id })}
            options={[
              { value: '', text: 'The default one' },
              ...choices.map(({ id, name }) => ({ value: id, text: name })),
            ]}
            problems={problemsAt(action.problems, '/account')}
          />
        )}
      </CallForm>
    </Dialog>
  );
}
