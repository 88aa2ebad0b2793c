import type { ApiProblem } from '../../api/call.ts';
import { useResource } from '../../api/resource.ts';
import { AreaField, CheckField, SelectField } from '../../parts/field.tsx';
import { may } from '../../session.ts';
import type { AccountScope } from './token.ts';

interface Account {
  readonly id: string;
  readonly name: string;
}

/** More are typed, not ticked. */
const MOST_TICKED = 50;

interface AccountChoiceProps {
  readonly scope: AccountScope;
  readonly isForAllZones: boolean;
  readonly isNew: boolean;
  readonly change: (scope: AccountScope) => void;
  readonly problems: readonly ApiProblem[];
}

/** Of which accounts a token sees zones, and makes new ones. */
export function AccountChoice({ scope, isForAllZones, isNew, change, problems }: AccountChoiceProps) {
  const isSome = scope.kind === 'some';
  return (
    <>
      <SelectField
        label="Accounts"
        required
        value={scope.kind}
        onChange={(kind) => change({ ...scope, kind })}
        options={[
          { value: 'unsaid', text: unsaidText(isForAllZones, isNew) },
          { value: 'all', text: 'All accounts, also those that come later' },
          { value: 'some', text: 'These accounts only' },
        ]}
        hint="A zone is seen where both it and its account are among these."
        problems={isSome ? [] : problems}
      />
      {isSome && (
        <Accounts named={scope.named} change={(named) => change({ kind: 'some', named })} problems={problems} />
      )}
    </>
  );
}

function unsaidText(isForAllZones: boolean, isNew: boolean): string {
  if (!isForAllZones) return 'Those of its zones';
  return isNew ? 'As many as the token you signed in with' : 'As it is now';
}

interface AccountsProps {
  readonly named: string;
  readonly change: (named: string) => void;
  readonly problems: readonly ApiProblem[];
}

function Accounts({ named, change, problems }: AccountsProps) {
  const path = may('account:read') ? `/client/v4/accounts?per_page=${MOST_TICKED}` : null;
  const [accounts] = useResource<readonly Account[]>(path);
  const isWhole = accounts.kind === 'ready' && (accounts.info?.total_count ?? 0) <= accounts.value.length;
  if (!isWhole || accounts.kind !== 'ready') {
    return (
      <AreaField
        label="Names of the accounts"
        required
        rows={3}
        value={named}
        onInput={change}
        problems={problems}
        hint="One a line, by name or id."
      />
    );
  }
  return <Ticks accounts={accounts.value} named={named} change={change} problems={problems} />;
}

function Ticks({ accounts, named, change, problems }: AccountsProps & { readonly accounts: readonly Account[] }) {
  const chosen = named.split('\n').filter((one) => one !== '');
  const toggle = (id: string, on: boolean) =>
    change((on ? [...chosen, id] : chosen.filter((one) => one !== id)).join('\n'));
  return (
    <fieldset class="account-ticks">
      <legend>Which accounts</legend>
      {problems.length > 0 && (
        <p class="field-problem" role="alert">
          {problems.map(({ message }) => message).join(' ')}
        </p>
      )}
      {accounts.map(({ id, name }) => (
        <CheckField key={id} label={name} checked={chosen.includes(id)} onChange={(on) => toggle(id, on)} />
      ))}
    </fieldset>
  );
}
