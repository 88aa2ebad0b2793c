import { type Problem, problem } from '../../domain/problems.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import type { Granted, StoredToken } from '../token.ts';
import { entityTag, unmatched } from './entity-tag.ts';
import { allOf, one } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';
import { tokenDraft, tokenEdit, tokenFacts, tokenView } from './token-bodies.ts';
import { TOKEN_DRAFT, TOKEN_EDIT, TOKEN_PARAMS } from './token-schemas.ts';
import { TOKEN, TOKEN_WITH_TEXT } from '../../wire/tokens.ts';

const PATH = '/postern/v1/tokens';

export const TOKEN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'tokens:read',
    takes: {},
    answers: 'The tokens that this one may manage: itself, and those with no more rights.',
    returns: allOf(TOKEN),
    handle: (_, call) => ({
      kind: 'answer',
      result: call.plane.listTokens(call).map((one) => tokenView(one, call)),
    }),
  }),
  route({
    method: 'POST',
    path: PATH,
    permission: 'tokens:edit',
    takes: { body: TOKEN_DRAFT },
    answers: 'Makes a token with at most the rights of this one; its text is in the answer, and nowhere after that.',
    returns: one(TOKEN_WITH_TEXT),
    handle: async ({ body }, call) => {
      const draft = tokenDraft(body, call);
      if (isProblem(draft)) return draft;
      return granted(await call.plane.createToken(draft, call), call);
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'tokens:read',
    takes: { params: TOKEN_PARAMS },
    answers: 'One token, with an ETag for If-Match.',
    returns: one(TOKEN),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const token = findToken(params.id, call);
      return isProblem(token) ? token : shownToken(token, call);
    },
  }),
  route({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS, body: TOKEN_EDIT },
    answers: 'Changes what a token may do, within the rights of this one; its text stays.',
    returns: one(TOKEN),
    precondition: 'if-match',
    handle: async ({ params, body }, call) => {
      const edit = (token: StoredToken) =>
        unmatched(call.header('if-match'), tokenFacts(token, call.now)) ?? tokenEdit(body, token, call);
      const outcome = await call.plane.updateToken(params.id.toLowerCase(), edit, call);
      return isProblem(outcome) ? outcome : shownToken(outcome.token, call);
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
    method: 'POST',
    path: `${PATH}/:id/roll`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS },
    answers: 'Gives a token another text, shown in the answer; the old one ends at once.',
    returns: one(TOKEN_WITH_TEXT),
    handle: async ({ params }, call) => granted(await call.plane.rollToken(params.id.toLowerCase(), call), call),
  }),
];

/** One of the tokens that the caller may manage. */
export function findToken(id: string, call: Call): StoredToken | Problem {
  const wanted = id.toLowerCase();
  return call.plane.listTokens(call).find((token) => token.id === wanted) ?? problem('token_not_found');
}

/** Ends a token, where a precondition does not forbid it. */
export async function revoke(id: string, call: Call): Promise<Answer<View<typeof DELETED>> | Problem> {
  const token = findToken(id, call);
  if (isProblem(token)) return token;
  const refuses = (now: StoredToken) => unmatched(call.header('if-match'), tokenFacts(now, call.now));
  const outcome = await call.plane.revokeToken(token.id, call, refuses);
  return isProblem(outcome) ? outcome : { kind: 'answer', result: { id: token.id } };
}

function shownToken(token: StoredToken, call: Call): Answer<View<typeof TOKEN>> {
  return { kind: 'answer', result: tokenView(token, call), headers: { etag: tagOf(token, call) } };
}

function tagOf(token: StoredToken, { now }: Call): string {
  return entityTag(tokenFacts(token, now));
}

function granted(outcome: Granted | Problem, call: Call): Answer<View<typeof TOKEN_WITH_TEXT>> | Problem {
  if (isProblem(outcome)) return outcome;
  const { token, text } = outcome;
  return {
    kind: 'answer',
    result: { ...tokenView(token, call), token: text },
    headers: { etag: tagOf(token, call) },
  };
}
