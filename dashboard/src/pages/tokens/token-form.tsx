import type { ApiProblem, Call } from '../../api/call.ts';
import { AccountChoice } from '../../parts/account-choice.tsx';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { AreaField, SelectField, TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import { MomentField } from '../../parts/moment-field.tsx';
import { PermissionChoice } from './permission-choice.tsx';
import {
  bodyOf,
  draftOf,
  SUCCESSOR,
  impactPath,
  type Lasting,
  type Token,
  type TokenDraft,
  TOKENS,
  type TokenWithText,
} from './token.ts';

const LASTING: readonly { readonly value: Lasting; readonly text: string }[] = [
  { value: '30', text: 'In 30 days' },
  { value: '90', text: 'In 90 days' },
  { value: '365', text: 'In a year' },
  { value: 'at', text: 'At a time' },
  { value: 'never', text: 'Never' },
];

interface TokenFormProps {
  /** The token that is changed, or what a new one begins with. */
  readonly of: Token | TokenDraft;
  readonly onClose: () => void;
  /** The text is there where the token was made. */
  readonly onDone: (token: Token | TokenWithText) => void;
}

/** Makes a token, or changes what one may do. */
export function TokenForm({ of, onClose, onDone }: TokenFormProps) {
  const known = 'id' in of ? of : null;
  const [draft, change, done] = useDraft<TokenDraft>(`token ${known?.id ?? of.name}`, 'id' in of ? draftOf(of) : of);
  const action = useGuardedForm<Token | TokenWithText>(null);
  const path = known === null ? TOKENS : `${TOKENS}/${known.id}`;
  const body = bodyOf(draft, Date.now());
  const call: Call = { method: known === null ? 'POST' : 'PATCH', path, body };
  const isSuccessor = of === SUCCESSOR;
  const title =
    known !== null ? `Change ${known.name}` : isSuccessor ? 'A token in place of bootstrap' : 'Make a token';
  const submit = async () =>
    action.begin({
      title: `${title}: what follows`,
      act: known === null ? 'Make it' : 'Save',
      done: ({ name }) => (known === null ? `${name} is made.` : `${name} is changed. Its text stays.`),
      call,
      change: known === null ? null : { kind: 'token_change', change: body },
      ...(known === null ? {} : { impact: impactPath(known) }),
      onDone: (made) => {
        done();
        onDone(made);
      },
    });
  const fields = ['/name', '/permissions', '/zones', '/accounts', '/addresses', '/expires_on'];
  return (
    <Dialog title={title} onClose={onClose} wide>
      {isSuccessor && (
        <p>
          Its text is shown once, in the next step; when you sign in with it there, the bootstrap token ends for good.
        </p>
      )}
      <CallForm
        call={call}
        busy={action.busy}
        problems={action.problems}
        act={known === null ? 'Make it' : 'Save'}
        pointers={fields}
        onSubmit={submit}
        onCancel={onClose}
        wide
      >
        <TokenFields draft={draft} change={change} problems={action.problems} isNew={known === null} />
      </CallForm>
      {action.view}
    </Dialog>
  );
}

interface TokenFieldsProps {
  readonly draft: TokenDraft;
  readonly change: (part: Partial<TokenDraft>) => void;
  readonly problems: readonly ApiProblem[];
  readonly isNew: boolean;
}

function TokenFields({ draft, change, problems, isNew }: TokenFieldsProps) {
  return (
    <>
      <TextField
        label="Name"
        required
        value={draft.name}
        onInput={(name) => change({ name })}
        problems={problemsAt(problems, '/name')}
        hint="What it is for, such as terraform. The audit log says what it did by this name."
      />
      <PermissionChoice
        chosen={draft.permissions}
        onChange={(permissions) => change({ permissions })}
        problems={problemsAt(problems, '/permissions')}
      />
      <Scope draft={draft} change={change} problems={problems} isNew={isNew} />
      <Reach draft={draft} change={change} problems={problems} />
    </>
  );
}

const ZONES = [
  { value: 'all', text: 'All zones, also those that come later' },
  { value: 'some', text: 'These zones only' },
] as const;

function Scope({ draft, change, problems, isNew }: TokenFieldsProps) {
  return (
    <>
      <SelectField
        label="Zones"
        required
        value={draft.isForAllZones ? 'all' : 'some'}
        onChange={(value) => change({ isForAllZones: value === 'all' })}
        options={ZONES}
        problems={draft.isForAllZones ? problemsAt(problems, '/zones') : []}
      />
      {!draft.isForAllZones && (
        <AreaField
          label="Names of the zones"
          required
          rows={3}
          value={draft.zones}
          onInput={(zones) => change({ zones })}
          problems={problemsAt(problems, '/zones')}
          hint="One a line, by name or id."
        />
      )}
      <AccountChoice
        scope={draft.accounts}
        unsaid={unsaidText(draft.isForAllZones, isNew)}
        hint="A zone is seen where both it and its account are among these."
        change={(accounts) => change({ accounts })}
        problems={problemsAt(problems, '/accounts')}
      />
    </>
  );
}

function unsaidText(isForAllZones: boolean, isNew: boolean): string {
  if (!isForAllZones) return 'Those of its zones';
  return isNew ? 'As many as the token you signed in with' : 'As it is now';
}

function Reach({ draft, change, problems }: Omit<TokenFieldsProps, 'isNew'>) {
  return (
    <>
      <AreaField
        label="Addresses that it may call from"
        rows={2}
        value={draft.addresses}
        onInput={(addresses) => change({ addresses })}
        problems={problemsAt(problems, '/addresses')}
        hint="Addresses or networks such as 192.0.2.0/24, one a line. None: from everywhere."
      />
      <div class="fields">
        <SelectField
          label="It ends"
          required
          value={draft.lasting}
          onChange={(lasting) => change({ lasting })}
          options={LASTING}
          problems={draft.lasting === 'at' ? [] : problemsAt(problems, '/expires_on')}
        />
        {draft.lasting === 'at' && (
          <MomentField
            label="When"
            required
            value={draft.expiresOn}
            onChange={(expiresOn) => change({ expiresOn })}
            problems={problemsAt(problems, '/expires_on')}
          />
        )}
      </div>
    </>
  );
}
