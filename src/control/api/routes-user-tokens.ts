import { z } from 'zod';
import { DELETED } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { DIRECTION, FILTER, paging } from '../../wire/schemas.ts';
import type { StoredToken } from '../plane.ts';
import { page } from './page.ts';
import { PERMISSION_GROUPS, RESOURCE_SCOPES } from './permission-groups.ts';
import { allOf, one, pageOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import { findToken, revoke } from './routes-tokens.ts';
import { policyDraft, policyView } from './token-policies.ts';
import { CLOUDFLARE_TOKEN, TOKEN_PARAMS } from './token-schemas.ts';
import { PERMISSION_GROUP, TOKEN_TEXT, USER_TOKEN, USER_TOKEN_WITH_TEXT } from './token-views.ts';

const PATH = '/client/v4/user/tokens';

const TOKEN_LIST = z.object({ direction: DIRECTION, ...paging({ minimum: 5, maximum: 50, otherwise: 20 }) });
const GROUP_LIST = z.object({ name: FILTER.optional(), scope: FILTER.optional() });

/** Tokens in Cloudflare's form: the same ones, seen through policies. */
export const USER_TOKEN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'tokens:read',
    takes: { query: TOKEN_LIST },
    answers: 'One page of the tokens that this one may manage, oldest first.',
    returns: pageOf(USER_TOKEN),
    handle: ({ query }, call) => {
      const tokens = call.plane.listTokens(call);
      return page(query.direction === 'asc' ? tokens : tokens.toReversed(), query, (token) => view(token, call));
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    permission: 'tokens:edit',
    takes: { body: CLOUDFLARE_TOKEN },
    answers: 'Makes a token with at most the rights of this one; its text is the "value" of the answer, shown once.',
    returns: one(USER_TOKEN_WITH_TEXT),
    handle: async ({ body }, call) => {
      const draft = policyDraft(body, call.plane);
      if (isProblem(draft)) return draft;
      const outcome = await call.plane.createToken(draft, call);
      if (isProblem(outcome)) return outcome;
      return { kind: 'answer', result: { ...view(outcome.token, call), value: outcome.text } };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/permission_groups`,
    permission: 'tokens:read',
    takes: { query: GROUP_LIST },
    answers: 'What tokens can be given, with the ids that policies name.',
    returns: allOf(PERMISSION_GROUP),
    handle: ({ query }) => {
      const groups = PERMISSION_GROUPS.map(({ id, name, scope }) => ({ id, name, scopes: [RESOURCE_SCOPES[scope]] }));
      const { name, scope } = query;
      const fits = (group: (typeof groups)[number]) =>
        (name === undefined || group.name.toLowerCase().includes(name.toLowerCase())) &&
        (scope === undefined || group.scopes.some((one) => one === scope));
      return { kind: 'answer', result: groups.filter(fits) };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'tokens:read',
    takes: { params: TOKEN_PARAMS },
    answers: 'One token.',
    returns: one(USER_TOKEN),
    handle: ({ params }, call) => {
      const token = findToken(params.id, call);
      return isProblem(token) ? token : { kind: 'answer', result: view(token, call) };
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:id`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS, body: CLOUDFLARE_TOKEN },
    answers: 'Replaces what a token may do, within the rights of this one; its text stays.',
    returns: one(USER_TOKEN),
    handle: async ({ params, body }, call) => {
      const edit = ({ email }: StoredToken) => {
        const draft = policyDraft(body, call.plane);
        return isProblem(draft) ? draft : { ...draft, email };
      };
      const outcome = await call.plane.updateToken(params.id.toLowerCase(), edit, call);
      return isProblem(outcome) ? outcome : { kind: 'answer', result: view(outcome.token, call) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS },
    answers: 'Revokes a token at once and for good.',
    returns: one(DELETED),
    precondition: 'if-match',
    handle: ({ params }, call) => revoke(params.id, call),
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:id/value`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS },
    answers: 'Gives a token another text, which is the result; the old one ends at once.',
    returns: one(TOKEN_TEXT),
    handle: async ({ params }, call) => {
      const outcome = await call.plane.rollToken(params.id.toLowerCase(), call);
      return isProblem(outcome) ? outcome : { kind: 'answer', result: outcome.text };
    },
  }),
];

function view(token: StoredToken, { plane, now }: Call) {
  return policyView(token, { account: plane.installation.account.id, now });
}
