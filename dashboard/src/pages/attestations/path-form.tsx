import type { Call } from '../../api/call.ts';
import { type LookSettings, lookSettingsPath } from '../../api/looks.ts';
import { problemsAt, useAction } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { say } from '../../parts/toast.tsx';
import type { Zone } from '../../zone.tsx';

interface PathFormProps {
  readonly zone: Zone;
  readonly settings: LookSettings;
  /** Whose path; empty for every other hostname, `null` where the form asks for it. */
  readonly hostname: string | null;
  readonly onClose: (changed: boolean) => void;
}

/** Says which path is asked for when locks are looked at. */
export function PathForm({ zone, settings, hostname, onClose }: PathFormProps) {
  const isNew = hostname === null;
  const present = isNew ? '' : hostname === '' ? settings.path : (settings.hostnames[hostname] ?? '');
  const [draft, change, done] = useDraft(`${zone.id} path ${hostname ?? 'new'}`, {
    hostname: hostname ?? '',
    path: present,
  });
  const action = useAction();
  const name = draft.hostname.trim();
  const path = draft.path.trim();
  const isOfZone = !isNew && hostname === '';
  const body = isOfZone ? { path } : { hostnames: { [name]: path } };
  const call: Call = { method: 'PATCH', path: lookSettingsPath(zone.id), body };
  const submit = async () => {
    if ((await action.run<LookSettings>(call)) === null) return;
    done();
    say(`${isOfZone ? 'Origins' : `Origins of ${name}`} are asked for ${path} from now on.`);
    onClose(true);
  };
  // What is wrong with a path stands below the hostname that it is for, and with the name itself at all of them.
  const atPath = isOfZone ? problemsAt(action.problems, '/path') : problemsBelow(action.problems, '/hostnames');
  const atName = isOfZone ? [] : action.problems.filter(({ pointer }) => pointer === '/hostnames');
  return (
    <Dialog title={titleOf(hostname)} onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act="Save"
        pointers={['/path', '/hostnames']}
        onSubmit={submit}
        onCancel={() => onClose(false)}
      >
        {isNew && (
          <TextField
            label="Hostname"
            required
            mono
            value={draft.hostname}
            placeholder={`www.${zone.name}`}
            hint="One of this zone, or a wildcard for those below it."
            onInput={(text) => change({ hostname: text })}
            problems={atName}
          />
        )}
        <TextField
          label="Path"
          required
          mono
          value={draft.path}
          placeholder="/status"
          hint="What the edge is let in to: an answer to it tells the edge from strangers. Each origin concerned is looked at soon."
          onInput={(text) => change({ path: text })}
          problems={isNew ? atPath : [...atName, ...atPath]}
        />
      </CallForm>
    </Dialog>
  );
}

function titleOf(hostname: string | null): string {
  if (hostname === null) return 'Another path for a hostname';
  return hostname === '' ? 'The path of every other hostname' : `The path of ${hostname}`;
}

function problemsBelow(problems: ReturnType<typeof problemsAt>, pointer: string) {
  return problemsAt(problems, pointer).filter(({ pointer: at }) => at !== pointer);
}
