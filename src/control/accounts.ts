import type { Account, AccountDraft } from '../domain/account.ts';
import type { AccountId } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';
import type { Actor } from './actor.ts';

/** The accounts, in memory as zones are. */
export interface AccountIndex {
  readonly get: (id: AccountId) => Account | undefined;
  readonly all: () => Iterable<Account>;
}

/** An account that was made or changed; of one that was deleted, what it was. */
export interface AccountChanged {
  readonly kind: 'account_changed';
  readonly account: Account;
}

/** The accounts of an installation. */
export interface AccountKeeping {
  readonly accounts: AccountIndex;
  readonly createAccount: (draft: AccountDraft, actor: Actor) => Promise<AccountChanged | Problem>;
  readonly updateAccount: (
    id: AccountId,
    edit: Partial<AccountDraft>,
    actor: Actor,
  ) => Promise<AccountChanged | Problem>;
  /** Only one without zones. */
  readonly deleteAccount: (id: AccountId, actor: Actor) => Promise<AccountChanged | Problem>;
}
