import type { ApiProblem } from '../api/call.ts';
import { useResource } from '../api/resource.ts';
import { AreaField, CheckField, SelectField } from './field.tsx';
import { may } from '../session.ts';
import '../style/ticks.css';

/** Of which accounts something is; `named` has one a line, by name or id, and counts for some only. */
export interface AccountScope {
  /** `unsaid` leaves it to the API: it follows the zones, or whoever asks. */
  readonly kind: 'unsaid' | 'all' | 'some';
  readonly named: string;
}

export const UNSAID: AccountScope = { kind: 'unsaid', named: '' };

/** What the API has, while somebody changes it. */
export function scopeOf(accounts: 'all' | readonly string[]): AccountScope {
  return accounts === 'all' ? { kind: 'all', named: '' } : { kind: 'some', named: accounts.join('\n') };
}

/** What of a body it says. Names of accounts may have spaces in them: a line is an entry. */
export function accountsOf({ kind, named }: AccountScope): { readonly accounts?: 'all' | readonly string[] } {
  if (kind === 'unsaid') return {};
  const lines = named.split('\n').map((line) => line.trim());
  return { accounts: kind === 'all' ? 'all' : lines.filter((line) => line !== '') };
}

interface Account {
  readonly id: string;
  readonly name: string;
}

/** More are typed, not ticked. */
const MOST_TICKED = 50;

interface AccountChoiceProps {
  readonly scope: AccountScope;
  /** What the API makes of it where nothing is said. */
  readonly unsaid: string;
  readonly hint: string;
  readonly change: (scope: AccountScope) => void;
  readonly problems: readonly ApiProblem[];
}

/** All accounts, some of them, or as the API sees fit. */
export function AccountChoice({ scope, unsaid, hint, change, problems }: AccountChoiceProps) {
  const isSome = scope.kind === 'some';
  return (
    <>
      <SelectField
        label="Accounts"
        required
        value={scope.kind}
        onChange={(kind) => change({ ...scope, kind })}
        options={[
          { value: 'unsaid', text: unsaid },
          { value: 'all', text: 'All accounts, also those that come later' },
          { value: 'some', text: 'These accounts only' },
        ]}
        hint={hint}
        problems={isSome ? [] : problems}
      />
      {isSome && (
        <Accounts named={scope.named} change={(named) => change({ kind: 'some', named })} problems={problems} />
      )}
    </>
  );
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
    <fieldset class="ticks">
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
