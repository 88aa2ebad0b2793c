import { z } from 'zod';
import type { Account } from '../../domain/account.ts';
import { accountId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { ACCOUNT_DRAFT, ACCOUNT_EDIT, ACCOUNT_LIST } from '../../wire/schemas-zones.ts';
import { ACCOUNT, accountView } from '../../wire/views.ts';
import { ordered, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';
import { verified } from './routes-user.ts';
import { VERIFIED_TOKEN } from '../../wire/tokens.ts';

const PATH = '/client/v4/accounts';

export const ACCOUNT_PARAMS = z.object({
  account: z.string().meta({ description: 'The id of an account.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] }),
});

export const ACCOUNT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'account:read',
    takes: { query: ACCOUNT_LIST },
    answers: 'One page of the accounts that the token may see, by name.',
    returns: pageOf(ACCOUNT),
    handle: ({ query }, { plane }) => {
      const wanted = [...plane.accounts.all()].filter(({ name }) => query.name === undefined || query.name === name);
      return page(
        ordered(wanted, ({ name }) => name, query.direction),
        query,
        accountView,
      );
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    permission: 'account:edit',
    takes: { body: ACCOUNT_DRAFT },
    answers: 'Makes an account. A token that is restricted to accounts cannot: the new one would not be among them.',
    returns: one(ACCOUNT),
    handle: async ({ body }, { plane, actor }) => shown(await plane.createAccount(body, actor)),
  }),
  route({
    method: 'GET',
    path: `${PATH}/:account`,
    permission: 'account:read',
    takes: { params: ACCOUNT_PARAMS },
    answers: 'One account.',
    returns: one(ACCOUNT),
    handle: ({ params }, call) => {
      const account = findAccount(params.account, call);
      return isProblem(account) ? account : { kind: 'answer', result: accountView(account) };
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:account`,
    permission: 'account:edit',
    takes: { params: ACCOUNT_PARAMS, body: ACCOUNT_EDIT },
    answers: 'Gives an account another name.',
    returns: one(ACCOUNT),
    handle: async ({ params, body: { name, type } }, call) => {
      const account = findAccount(params.account, call);
      if (isProblem(account)) return account;
      return shown(
        await call.plane.updateAccount(account.id, type === undefined ? { name } : { name, type }, call.actor),
      );
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:account`,
    permission: 'account:edit',
    takes: { params: ACCOUNT_PARAMS },
    answers: 'Deletes an account that has no zones and is not the default one.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const account = findAccount(params.account, call);
      if (isProblem(account)) return account;
      const outcome = await call.plane.deleteAccount(account.id, call.actor);
      return isProblem(outcome) ? outcome : { kind: 'answer', result: { id: account.id } };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:account/tokens/verify`,
    permission: 'any',
    takes: { params: ACCOUNT_PARAMS },
    answers: 'The id and status of the token that makes the call, if it may see this account.',
    returns: one(VERIFIED_TOKEN),
    handle: ({ params }, call) => {
      const account = findAccount(params.account, call);
      return isProblem(account) ? account : verified(call);
    },
  }),
];

/** An account that the token may see; any other is as one that does not exist. */
export function findAccount(text: string, { plane }: Pick<Call, 'plane'>): Account | Problem {
  const id = accountId(text.toLowerCase());
  return (id === null ? undefined : plane.accounts.get(id)) ?? problem('no_route');
}

function shown(
  outcome: { readonly kind: 'account_changed'; readonly account: Account } | Problem,
): Answer<View<typeof ACCOUNT>> | Problem {
  return isProblem(outcome) ? outcome : { kind: 'answer', result: accountView(outcome.account) };
}
