import type { Call } from '../../api/call.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { AreaField, SelectField, TextField } from '../../parts/field.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';
import { KEY_TYPES, namesIn } from './request-fields.ts';

interface ManagedFormProps {
  readonly zone: Zone;
  readonly onClose: (changed: boolean) => void;
}

const POINTERS = ['/hostnames', '/lifetime_days', '/key_type'];
const EMPTY = { names: '', days: '', keyType: 'ec:P-256' };

/** Has the authority of the zone make a certificate for hostnames. Nobody shows it until a hostname is told to. */
export function ManagedForm({ zone, onClose }: ManagedFormProps) {
  const [draft, change, done] = useDraft(`${zone.id} managed`, EMPTY);
  const action = useAction();
  const days = draft.days.trim();
  const body = {
    hostnames: namesIn(draft.names),
    key_type: draft.keyType,
    ...(days === '' ? {} : { lifetime_days: /^\d+$/.test(days) ? Number(days) : days }),
    // Shown only once somebody chooses it: origins may have to trust it first.
    associate: false,
  };
  const call: Call = { method: 'POST', path: `/postern/v1/zones/${zone.id}/managed_certificates`, body };
  const submit = async () => {
    if ((await action.run(call)) === null) return;
    done();
    say('The certificate is there. Choose it for a hostname in the table.');
    onClose(true);
  };
  return (
    <Dialog title="Have a certificate made" onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act="Make it"
        pointers={POINTERS}
        onSubmit={submit}
        onCancel={() => onClose(false)}
        lead={
          <p class="hint">
            The authority of the zone makes it and renews it in time; its key never leaves Postern. The bundle of the
            zone vouches for it already. Nothing shows it until you choose it for a hostname.
          </p>
        }
      >
        <AreaField
          label="Hostnames"
          required
          rows={3}
          value={draft.names}
          onInput={(names) => change({ names })}
          hint="One a line, such as www.example.test; wildcards too."
          problems={problemsAt(action.problems, '/hostnames')}
        />
        <TextField
          label="Lifetime in days"
          value={draft.days}
          onInput={(value) => change({ days: value })}
          hint="1 to 365; as the other certificates of the zone where left out."
          problems={problemsAt(action.problems, '/lifetime_days')}
        />
        <SelectField
          label="Key"
          required
          value={draft.keyType}
          onChange={(keyType) => change({ keyType })}
          options={KEY_TYPES}
          problems={problemsAt(action.problems, '/key_type')}
        />
      </CallForm>
    </Dialog>
  );
}
