import { z } from 'zod';
import type { AccountId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { DELETED } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { DIRECTION, FILTER, paging } from '../../wire/schemas.ts';
import type { StoredToken, TokenDraft } from '../token.ts';
import { page } from './page.ts';
import { PERMISSION_GROUPS, RESOURCE_SCOPES } from './permission-groups.ts';
import { allOf, one, pageOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import { ACCOUNT_PARAMS, findAccount } from './routes-accounts.ts';
import { findToken, revoke } from './routes-tokens.ts';
import { policyDraft, policyView } from './token-policies.ts';
import { CLOUDFLARE_TOKEN, type CloudflareToken, TOKEN_PARAMS } from './token-schemas.ts';
import { PERMISSION_GROUP, TOKEN_TEXT, USER_TOKEN, USER_TOKEN_WITH_TEXT } from '../../wire/tokens.ts';

const TOKEN_LIST = z.object({ direction: DIRECTION, ...paging({ minimum: 5, maximum: 50, otherwise: 20 }) });
const GROUP_LIST = z.object({ name: FILTER.optional(), scope: FILTER.optional() });

/** Whose tokens a path is about: the caller's to manage, or of these those that are for one account alone. */
interface Owner {
  readonly path: string;
  readonly words: string;
}

const OWNER_PARAMS = ACCOUNT_PARAMS.partial();
const PARAMS = OWNER_PARAMS.extend(TOKEN_PARAMS.shape);
type OwnerParams = z.output<typeof OWNER_PARAMS>;

/** Tokens in Cloudflare's form: the same ones, seen through policies; under an account those that are for it alone. */
export const USER_TOKEN_ROUTES: readonly Route[] = [
  ...tokenRoutes({ path: '/client/v4/user/tokens', words: 'that this one may manage' }),
  ...tokenRoutes({ path: '/client/v4/accounts/:account/tokens', words: 'for this account alone' }),
];

function tokenRoutes(owner: Owner): readonly Route[] {
  return [...readingRoutes(owner), ...changingRoutes(owner)];
}

function readingRoutes({ path, words }: Owner): readonly Route[] {
  return [
    route({
      method: 'GET',
      path,
      permission: 'tokens:read',
      takes: { params: OWNER_PARAMS, query: TOKEN_LIST },
      answers: `One page of the tokens ${words}, oldest first.`,
      returns: pageOf(USER_TOKEN),
      handle: ({ params, query }, call) => {
        const account = ownerOf(params, call);
        if (isProblem(account)) return account;
        const tokens = call.plane.listTokens(call).filter((token) => belongs(token, account));
        return page(query.direction === 'asc' ? tokens : tokens.toReversed(), query, (token) =>
          policyView(token, call),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${path}/permission_groups`,
      permission: 'tokens:read',
      takes: { params: OWNER_PARAMS, query: GROUP_LIST },
      answers: 'What tokens can be given, with the ids that policies name.',
      returns: allOf(PERMISSION_GROUP),
      handle: ({ params, query }, call) => {
        const account = ownerOf(params, call);
        return isProblem(account) ? account : { kind: 'answer', result: permissionGroups(query) };
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'tokens:read',
      takes: { params: PARAMS },
      answers: 'One token.',
      returns: one(USER_TOKEN),
      handle: ({ params }, call) => {
        const token = ownToken(params, call);
        return isProblem(token) ? token : { kind: 'answer', result: policyView(token, call) };
      },
    }),
  ];
}

function changingRoutes({ path, words }: Owner): readonly Route[] {
  return [
    route({
      method: 'POST',
      path,
      permission: 'tokens:edit',
      takes: { params: OWNER_PARAMS, body: CLOUDFLARE_TOKEN },
      answers: `Makes a token ${words}, with at most the rights of this one; its text is the "value" of the answer, shown once.`,
      returns: one(USER_TOKEN_WITH_TEXT),
      handle: async ({ params, body }, call) => {
        const draft = ownDraft(body, params, call);
        if (isProblem(draft)) return draft;
        const outcome = await call.plane.createToken(draft, call);
        if (isProblem(outcome)) return outcome;
        return { kind: 'answer', result: { ...policyView(outcome.token, call), value: outcome.text } };
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/:id`,
      permission: 'tokens:edit',
      takes: { params: PARAMS, body: CLOUDFLARE_TOKEN },
      answers: 'Replaces what a token may do, within the rights of this one; its text stays.',
      returns: one(USER_TOKEN),
      handle: async ({ params, body }, call) => {
        const token = ownToken(params, call);
        if (isProblem(token)) return token;
        const edit = ({ email }: StoredToken) => {
          const draft = ownDraft(body, params, call);
          return isProblem(draft) ? draft : { ...draft, email };
        };
        const outcome = await call.plane.updateToken(token.id, edit, call);
        return isProblem(outcome) ? outcome : { kind: 'answer', result: policyView(outcome.token, call) };
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:id`,
      permission: 'tokens:edit',
      takes: { params: PARAMS },
      answers: 'Revokes a token at once and for good.',
      returns: one(DELETED),
      precondition: 'if-match',
      handle: ({ params }, call) => {
        const token = ownToken(params, call);
        return isProblem(token) ? token : revoke(token.id, call);
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/:id/value`,
      permission: 'tokens:edit',
      takes: { params: PARAMS },
      answers: 'Gives a token another text, which is the result; the old one ends at once.',
      returns: one(TOKEN_TEXT),
      handle: async ({ params }, call) => {
        const token = ownToken(params, call);
        if (isProblem(token)) return token;
        const outcome = await call.plane.rollToken(token.id, call);
        return isProblem(outcome) ? outcome : { kind: 'answer', result: outcome.text };
      },
    }),
  ];
}

/** The account of the path, or `null` where it names none. */
function ownerOf({ account }: OwnerParams, call: Call): AccountId | null | Problem {
  if (account === undefined) return null;
  const found = findAccount(account, call);
  return isProblem(found) ? found : found.id;
}

function belongs({ accounts }: Pick<StoredToken, 'accounts'>, account: AccountId | null): boolean {
  return account === null || (accounts !== 'all' && accounts.length === 1 && accounts[0] === account);
}

function ownToken(params: z.output<typeof PARAMS>, call: Call): StoredToken | Problem {
  const account = ownerOf(params, call);
  if (isProblem(account)) return account;
  const token = findToken(params.id, call);
  return isProblem(token) || belongs(token, account) ? token : problem('token_not_found');
}

function ownDraft(body: CloudflareToken, params: OwnerParams, call: Call): TokenDraft | Problem {
  const account = ownerOf(params, call);
  if (isProblem(account)) return account;
  const draft = policyDraft(body, call.plane);
  if (isProblem(draft) || belongs(draft, account)) return draft;
  const rule = `policies must be about ${RESOURCE_SCOPES.account}.${account} and its zones alone`;
  return problem('bad_body', rule, '/policies');
}

function permissionGroups({ name, scope }: z.output<typeof GROUP_LIST>) {
  return PERMISSION_GROUPS.map((group) => ({
    id: group.id,
    name: group.name,
    scopes: [RESOURCE_SCOPES[group.scope]],
  })).filter(
    (group) =>
      (name === undefined || group.name.toLowerCase().includes(name.toLowerCase())) &&
      (scope === undefined || group.scopes.some((one) => one === scope)),
  );
}
