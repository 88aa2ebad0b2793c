import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import type { Zone } from '../../zone.tsx';
import { bodyOf, type DnsRecord, draftOf, NEW_RECORD, type RecordDraft } from './record.ts';

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
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

/** Adds a record, or changes one. */
export function RecordForm({ zone, record, onClose }: RecordFormProps) {
  const key = `${zone.id} record ${record?.id ?? 'new'}`;
  const [draft, change, done] = useDraft<RecordDraft>(key, record === null ? NEW_RECORD : draftOf(record));
  const action = useGuardedForm<DnsRecord>(zone.id);
  const path = `/client/v4/zones/${zone.id}/dns_records${record === null ? '' : `/${record.id}`}`;
  const body = bodyOf(draft, record?.origin);
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
      >
        <RecordFields zone={zone} draft={draft} change={change} problems={action.problems} />
      </CallForm>
      {action.view}
    </Dialog>
  );
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
      {text('Name', 'name', `One label below ${zone.name}, such as www; @ for the zone itself.`)}
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
