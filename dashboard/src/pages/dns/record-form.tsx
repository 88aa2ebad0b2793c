import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import { Note } from '../../parts/problems.tsx';
import type { Zone } from '../../zone.tsx';
import { bodyOf, changesOf, differing, type DnsRecord, draftOf, NEW_RECORD, type RecordDraft } from './record.ts';

const TYPES = [
  { value: 'A', text: 'A – an IPv4 address' },
  { value: 'AAAA', text: 'AAAA – an IPv6 address' },
  { value: 'CNAME', text: 'CNAME – a name' },
] as const;

const POINTERS = ['/type', '/name', '/content', '/proxied', '/comment', '/origin'];

interface RecordFormProps {
  readonly zone: Zone;
  /** The record that is changed; `null` for a new one. */
  readonly record: DnsRecord | null;
  /** The same as it is by now; `null` where it is not to be seen any more. */
  readonly now: DnsRecord | null;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** With what it was when somebody began to type, so that what others did in the meantime can be told apart. */
interface Draft extends RecordDraft {
  readonly base: RecordDraft;
}

/** Adds a record, or changes one. */
export function RecordForm({ zone, record, now, onClose }: RecordFormProps) {
  const key = `${zone.id} record ${record?.id ?? 'new'}`;
  const as = record === null ? NEW_RECORD : draftOf(record);
  const [draft, change, done] = useDraft<Draft>(key, { ...as, base: as });
  const action = useGuardedForm<DnsRecord>(zone.id);
  const path = `/client/v4/zones/${zone.id}/dns_records${record === null ? '' : `/${record.id}`}`;
  const body = record === null ? bodyOf(draft) : changesOf(draft, draft.base, now ?? record);
  const call: Call = { method: record === null ? 'POST' : 'PATCH', path, body };
  const title = record === null ? 'Add a record' : `Change ${record.name}`;
  const submit = async () =>
    action.begin({
      title: `${title}: what follows`,
      act: record === null ? 'Add' : 'Save',
      done: ({ name }) => (record === null ? `${name} is there.` : `${name} is changed.`),
      call,
      change:
        record === null
          ? { kind: 'record_create', record: body }
          : { kind: 'record_change', record: record.id, change: body },
      onDone: () => {
        done();
        onClose(true);
      },
    });
  return (
    <Dialog title={title} onClose={() => onClose(false)}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={record === null ? 'Add' : 'Save'}
        pointers={POINTERS}
        onSubmit={submit}
        onCancel={() => onClose(false)}
        lead={record === null ? undefined : <Meanwhile draft={draft} now={now} />}
      >
        <RecordFields zone={zone} draft={draft} change={change} problems={action.problems} />
      </CallForm>
      {action.view}
    </Dialog>
  );
}

const FIELD_WORDS: Readonly<Record<keyof RecordDraft, string>> = {
  type: 'Type',
  name: 'Name',
  content: 'Content',
  proxied: 'Proxied',
  comment: 'Comment',
  httpsPort: 'HTTPS port',
  httpPort: 'HTTP port',
  serverName: 'Server name',
  hostHeader: 'Host header',
};

/** What somebody else did to the record while this form was open. */
function Meanwhile({ draft, now }: { readonly draft: Draft; readonly now: DnsRecord | null }) {
  if (now === null)
    return (
      <Note kind="warning">
        <p>This record is not in the list any more: somebody deleted or renamed it meanwhile.</p>
      </Note>
    );
  const there = draftOf(now);
  const own = new Set(differing(draft, draft.base));
  const others = differing(there, draft.base).filter((name) => there[name] !== draft[name]);
  if (others.length === 0) return null;
  return (
    <Note kind="warning">
      <p>Changed meanwhile by somebody else:</p>
      <ul>
        {others.map((name) => (
          <li key={name} class="break">
            {FIELD_WORDS[name]} is now {valueText(there[name])}.{' '}
            {own.has(name) ? 'Saving puts yours in its place.' : 'It stays so.'}
          </li>
        ))}
      </ul>
    </Note>
  );
}

function valueText(value: string | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === '' ? 'empty' : value;
}

interface RecordFieldsProps {
  readonly zone: Zone;
  readonly draft: RecordDraft;
  readonly change: (part: Partial<RecordDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

function RecordFields({ zone, draft, change, problems }: RecordFieldsProps) {
  const text = (label: string, name: 'name' | 'content', hint: string) => (
    <TextField
      label={label}
      required
      value={draft[name]}
      onInput={(value) => change({ [name]: value })}
      problems={problemsAt(problems, `/${name}`)}
      hint={hint}
    />
  );
  return (
    <>
      <SelectField
        label="Type"
        required
        value={draft.type}
        onChange={(type) => change({ type })}
        options={TYPES}
        problems={problemsAt(problems, '/type')}
      />
      {text('Name', 'name', `Such as www or www.${zone.name}; @ for ${zone.name} itself.`)}
      {text('Content', 'content', draft.type === 'CNAME' ? 'The name of the origin.' : 'The address of the origin.')}
      <CheckField
        label="Proxied: visitors reach the edge, and the edge pulls from the origin"
        checked={draft.proxied}
        onChange={(proxied) => change({ proxied })}
      />
      <OriginFields draft={draft} change={change} problems={problems} />
      <TextField
        label="Comment"
        value={draft.comment}
        onInput={(comment) => change({ comment })}
        problems={problemsAt(problems, '/comment')}
      />
    </>
  );
}

const ORIGIN_FIELDS = [
  ['httpsPort', 'HTTPS port', '/origin/https_port', '443 where left out.'],
  ['httpPort', 'HTTP port', '/origin/http_port', '80 where left out.'],
  ['serverName', 'Server name', '/origin/server_name', 'The SNI of pulls, and the name that is verified.'],
  ['hostHeader', 'Host header', '/origin/host_header', "The visitor's Host where left out."],
] as const;

function OriginFields({ draft, change, problems }: Omit<RecordFieldsProps, 'zone'>) {
  const isUsed = ORIGIN_FIELDS.some(([name]) => draft[name] !== '') || problemsAt(problems, '/origin').length > 0;
  return (
    <details open={isUsed}>
      <summary>Where on the origin the edge knocks</summary>
      <div class="fields">
        {ORIGIN_FIELDS.map(([name, label, pointer, hint]) => (
          <TextField
            key={name}
            label={label}
            value={draft[name]}
            onInput={(value) => change({ [name]: value })}
            problems={problemsAt(problems, pointer)}
            hint={hint}
          />
        ))}
      </div>
    </details>
  );
}
