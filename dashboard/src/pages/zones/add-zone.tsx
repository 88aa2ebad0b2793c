import type { Call } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { problemsAt, problemsElsewhere, useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog, DialogActs } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Problems } from '../../parts/problems.tsx';
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
  const submit = async (event: Event) => {
    event.preventDefault();
    const zone = await action.run<Zone>(call);
    if (zone === null) return;
    done();
    say(`${zone.name} is there, with an authority of its own.`);
    onClose(zone.name);
  };
  return (
    <Dialog title="Add a zone" onClose={() => onClose(null)}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <Problems problems={problemsElsewhere(action.problems, ['/name', '/account'])} />
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
        <ApiCall call={call} />
        <DialogActs>
          <Button onPress={() => onClose(null)}>Cancel</Button>
          <Button kind="primary" type="submit" busy={action.busy}>
            Add the zone
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
