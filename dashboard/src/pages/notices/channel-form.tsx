import type { Call } from '../../api/call.ts';
import { NOTICE_CODES } from '../../api/notice.ts';
import type { Severity } from '../../api/overview.ts';
import { AccountChoice, type AccountScope, accountsOf, scopeOf, UNSAID } from '../../parts/account-choice.tsx';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import { type Channel, CHANNELS, impactPath, type ChannelWithSecret, LEAST } from './channel.ts';

interface Draft {
  readonly name: string;
  readonly kind: 'webhook' | 'email';
  readonly url: string;
  readonly to: string;
  readonly severity: Severity;
  readonly zones: string;
  readonly accounts: AccountScope;
  /** Some kinds only: those in `codes`. */
  readonly isSome: boolean;
  readonly codes: readonly string[];
}

const NEW: Draft = {
  name: '',
  kind: 'webhook',
  url: '',
  to: '',
  severity: 'warning',
  zones: '',
  accounts: UNSAID,
  isSome: false,
  codes: [],
};
const FIELDS = ['/name', '/kind', '/url', '/to', '/severity', '/zones', '/accounts', '/codes'] as const;

interface ChannelFormProps {
  /** The one to change; `null` for a new one. */
  readonly channel: Channel | null;
  readonly onClose: () => void;
  readonly onSaved: (channel: ChannelWithSecret | Channel) => void;
}

/** Adds a channel, or changes one. Its kind stays what it was. */
export function ChannelForm({ channel, onClose, onSaved }: ChannelFormProps) {
  const [draft, change, done] = useDraft<Draft>(`channel ${channel?.id ?? 'new'}`, draftOf(channel));
  const action = useGuardedForm<ChannelWithSecret | Channel>(null);
  const { call, body } = callOf(channel, draft);
  const title = channel === null ? 'Add a channel' : `Change ${channel.name}`;
  const submit = async () =>
    action.begin({
      title: `${title}: what follows`,
      act: channel === null ? 'Add the channel' : 'Change it',
      done: ({ name }) => (channel === null ? `Notices go out by ${name}.` : `${name} is changed.`),
      call,
      change: channel === null ? null : { kind: 'channel_change', change: body },
      ...(channel === null ? {} : { impact: impactPath(channel) }),
      onDone: (saved) => {
        done();
        onSaved(saved);
      },
    });
  const at = (pointer: (typeof FIELDS)[number]) => problemsAt(action.problems, pointer);
  return (
    <Dialog title={title} onClose={onClose}>
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={channel === null ? 'Add the channel' : 'Change it'}
        pointers={FIELDS}
        onSubmit={submit}
        onCancel={onClose}
      >
        <TextField
          label="Name"
          required
          value={draft.name}
          problems={at('/name')}
          onInput={(name) => change({ name })}
        />
        {channel === null && (
          <SelectField
            label="Kind"
            required
            value={draft.kind}
            options={KINDS}
            problems={at('/kind')}
            onChange={(kind) => change({ kind })}
          />
        )}
        <TargetField draft={draft} change={change} problems={[...at('/url'), ...at('/to')]} />
        <Taking isNew={channel === null} draft={draft} change={change} problems={action.problems} />
      </CallForm>
      {action.view}
    </Dialog>
  );
}

interface TakingProps {
  readonly isNew: boolean;
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problems: ReturnType<typeof problemsAt>;
}

/** Which notices go out by it. */
function Taking({ isNew, draft, change, problems }: TakingProps) {
  return (
    <>
      <SelectField
        label="Takes"
        required
        value={draft.severity}
        options={LEAST}
        problems={problemsAt(problems, '/severity')}
        onChange={(severity) => change({ severity })}
      />
      <CodeChoice draft={draft} change={change} problems={problemsAt(problems, '/codes')} />
      <TextField
        label="Only of these zones"
        value={draft.zones}
        hint="Names or ids, with commas between them. Empty: all that this token sees."
        problems={problemsAt(problems, '/zones')}
        onInput={(zones) => change({ zones })}
      />
      <AccountChoice
        scope={draft.accounts}
        unsaid={unsaidText(draft, isNew)}
        hint="A notice goes out where its zone and the account of that zone are among these."
        change={(accounts) => change({ accounts })}
        problems={problemsAt(problems, '/accounts')}
      />
    </>
  );
}

function unsaidText({ zones }: Draft, isNew: boolean): string {
  if (zones.trim() !== '') return 'Those of these zones';
  return isNew ? 'All that this token sees' : 'As it is now';
}

const KINDS_TAKEN = [
  { value: 'all', text: 'Every kind, also those of later versions' },
  { value: 'some', text: 'These kinds only' },
] as const;

function CodeChoice({ draft: { isSome, codes }, change, problems }: Omit<TakingProps, 'isNew'>) {
  const toggle = (code: string, on: boolean) =>
    change({ codes: on ? [...codes, code] : codes.filter((one) => one !== code) });
  return (
    <>
      <SelectField
        label="Kinds of notices"
        required
        value={isSome ? 'some' : 'all'}
        options={KINDS_TAKEN}
        problems={isSome ? [] : problems}
        onChange={(value) => change({ isSome: value === 'some' })}
      />
      {isSome && (
        <fieldset class="ticks">
          <legend>Which kinds</legend>
          {problems.length > 0 && (
            <p class="field-problem" role="alert">
              {problems.map(({ message }) => message).join(' ')}
            </p>
          )}
          {NOTICE_CODES.map(({ value, text }) => (
            <CheckField key={value} label={text} checked={codes.includes(value)} onChange={(on) => toggle(value, on)} />
          ))}
        </fieldset>
      )}
    </>
  );
}

const KINDS = [
  { value: 'webhook', text: 'Webhook: a signed POST' },
  { value: 'email', text: 'Mail' },
] as const;

interface TargetFieldProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problems: ReturnType<typeof problemsAt>;
}

function TargetField({ draft, change, problems }: TargetFieldProps) {
  if (draft.kind === 'email') {
    return (
      <TextField label="Mail address" required value={draft.to} problems={problems} onInput={(to) => change({ to })} />
    );
  }
  return (
    <TextField
      label="Address"
      required
      mono
      value={draft.url}
      placeholder="https://hooks.example.com/postern"
      hint="https://, except to addresses of private networks. Its secret is shown once, when it is added."
      problems={problems}
      onInput={(url) => change({ url })}
    />
  );
}

function draftOf(channel: Channel | null): Draft {
  if (channel === null) return NEW;
  const { name, kind, url, to, severity, zones, accounts, codes } = channel;
  return {
    name,
    kind,
    url: url ?? '',
    to: to ?? '',
    severity,
    zones: zones === 'all' ? '' : zones.join(', '),
    accounts: scopeOf(accounts),
    isSome: codes !== null,
    codes: codes ?? [],
  };
}

function callOf(channel: Channel | null, draft: Draft) {
  const { name, kind, url, to, severity, zones, isSome, codes } = draft;
  const named = zones.split(/[\s,]+/).filter((zone) => zone !== '');
  const rest = {
    name: name.trim(),
    ...(kind === 'webhook' ? { url: url.trim() } : { to: to.trim() }),
    severity,
    ...(isSome ? { codes } : channel === null ? {} : { codes: null }),
    ...(named.length > 0 ? { zones: named } : channel === null ? {} : { zones: 'all' }),
    ...accountsOf(draft.accounts),
  };
  const body = channel === null ? { kind, ...rest } : rest;
  const call: Call =
    channel === null
      ? { method: 'POST', path: CHANNELS, body }
      : { method: 'PATCH', path: `${CHANNELS}/${channel.id}`, body };
  return { call, body };
}
