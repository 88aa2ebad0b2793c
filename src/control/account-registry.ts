import type { Account, AccountDraft } from '../domain/account.ts';
import type { AccountId } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { writeAccount } from './account-rows.ts';
import { writeAuditEvent } from './audit-events.ts';
import { newAccountId } from './authority.ts';
import { errorFields } from './log.ts';
import type { AccountChanged, AccountIndex, AccountKeeping } from './accounts.ts';
import type { Actor } from './actor.ts';
import type { RegistryParts } from './registry-parts.ts';

interface AccountParts extends RegistryParts {
  /** Told of each account that is not what it was, after the store has it. */
  readonly changed: (account: Account, action: AccountAction) => void;
  readonly hasZones: (account: AccountId) => boolean;
  /** The account of zones that name none: it stays. */
  readonly standing: AccountId;
}

export type AccountAction = 'create_account' | 'update_account' | 'delete_account';

interface Step {
  readonly action: AccountAction;
  readonly before: Account | null;
  readonly after: Account | null;
}

/** The accounts in memory and in the store. Changes happen in turn, so that no zone comes into one that goes. */
export class AccountRegistry implements AccountKeeping {
  readonly #parts: AccountParts;
  readonly #byId = new Map<AccountId, Account>();

  constructor(parts: AccountParts, accounts: readonly Account[]) {
    this.#parts = parts;
    for (const account of accounts) this.#byId.set(account.id, account);
  }

  readonly accounts: AccountIndex = {
    get: (id) => this.#byId.get(id),
    all: () => this.#byId.values(),
  };

  readonly createAccount = (draft: AccountDraft, actor: Actor): Promise<AccountChanged | Problem> =>
    this.#parts.inTurn(async () => {
      const { limit, clock } = this.#parts;
      if (this.#byId.size >= limit) return problem('too_many_accounts', `${limit} are allowed`);
      const account = { ...draft, id: newAccountId(), createdAt: clock() };
      return this.#store({ action: 'create_account', before: null, after: account }, actor);
    });

  readonly updateAccount = (
    id: AccountId,
    edit: Partial<AccountDraft>,
    actor: Actor,
  ): Promise<AccountChanged | Problem> =>
    this.#parts.inTurn(async () => {
      const before = this.#byId.get(id);
      if (before === undefined) return problem('no_route');
      const after = { ...before, ...edit };
      if (after.name === before.name && after.type === before.type) return { kind: 'account_changed', account: before };
      return this.#store({ action: 'update_account', before, after }, actor);
    });

  readonly deleteAccount = (id: AccountId, actor: Actor): Promise<AccountChanged | Problem> =>
    this.#parts.inTurn(async () => {
      const before = this.#byId.get(id);
      if (before === undefined) return problem('no_route');
      if (id === this.#parts.standing) return problem('default_account');
      if (this.#parts.hasZones(id)) return problem('account_not_empty', before.name);
      return this.#store({ action: 'delete_account', before, after: null }, actor);
    });

  async #store({ action, before, after }: Step, actor: Actor): Promise<AccountChanged | Problem> {
    const { store, clock, log, revision, changed } = this.#parts;
    const account = after ?? before;
    if (account === null) throw new TypeError('A step has an account before or after it');
    const event = { at: clock(), actor, zone: null, account: account.id, command: action };
    try {
      await store.transaction().execute(async (transaction) => {
        if (after === null) await transaction.deleteFrom('accounts').where('id', '=', account.id).execute();
        else await writeAccount(transaction, after);
        await writeAuditEvent(transaction, revision(), {
          ...event,
          before: auditFields(before),
          after: auditFields(after),
        });
      });
    } catch (error) {
      log('account_not_stored', { command: action, account: account.id, ...errorFields(error) });
      return problem('unavailable');
    }
    if (after === null) this.#byId.delete(account.id);
    else this.#byId.set(after.id, after);
    log(action, { account: account.id, by: actor.token });
    changed(account, action);
    return { kind: 'account_changed', account };
  }
}

function auditFields(account: Account | null): Record<string, unknown> {
  return account === null ? {} : { id: account.id, name: account.name, type: account.type };
}
