import { z } from 'zod';
import type { Problem } from '../../domain/problems.ts';
import { TIME, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { moment } from '../../wire/views.ts';
import { sessionId, type SessionEnd, type UsedSession } from '../sessions.ts';
import { allOf, one } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';
import { findToken } from './routes-tokens.ts';
import { TOKEN_PARAMS } from './token-schemas.ts';

const PATH = '/postern/v1/tokens/:id/sessions';

const SESSION_ID = z.string().meta({
  description: 'The id of a session, as the audit log has it. Nobody can sign in with it.',
  examples: ['9a1f0c7be4d25836'],
});

const TOKEN_SESSION = z
  .strictObject({
    id: SESSION_ID,
    created_on: TIME.meta({ description: 'When somebody signed in.' }),
    expires_on: TIME,
    last_used_on: TIME.nullable().meta({
      description: 'When it made its last call; null where it made none since the control plane started.',
    }),
    last_used_from: z
      .string()
      .nullable()
      .meta({ description: 'The address of that call.', examples: ['192.0.2.7'] }),
    current: z.boolean().meta({ description: 'Whether it makes this call.' }),
  })
  .meta({ id: 'TokenSession', description: 'A browser that is signed in with a token.' });

const SESSIONS_ENDED = z
  .strictObject({ ended: z.array(SESSION_ID) })
  .meta({ id: 'SessionsEnded', description: 'Sessions that have ended by this call.' });

/** Who is signed in with a token, for whoever may manage that token. */
export const TOKEN_SESSION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'tokens:read',
    takes: { params: TOKEN_PARAMS },
    answers: 'The browsers that are signed in with a token, the oldest sign-in first; 50 at most.',
    returns: allOf(TOKEN_SESSION),
    handle: ({ params }, call) => {
      const token = findToken(params.id, call);
      if (isProblem(token)) return token;
      const sessions = call.plane.sessionsOf(token.id);
      return { kind: 'answer', result: sessions.map((session) => sessionView(session, token.expiresAt, call)) };
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS },
    answers: 'Ends all sessions of a token at once, but the one that makes this call. The token itself stays.',
    returns: one(SESSIONS_ENDED),
    handle: ({ params }, call) => end(params.id, { kind: 'all', but: call.session?.hash ?? null }, call),
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:session`,
    permission: 'tokens:edit',
    takes: { params: TOKEN_PARAMS.extend({ session: SESSION_ID }) },
    answers: 'Ends one session of a token at once, that of this call too. The token itself stays.',
    returns: one(SESSIONS_ENDED),
    handle: ({ params }, call) => end(params.id, { kind: 'one', id: params.session.toLowerCase() }, call),
  }),
];

async function end(
  id: string,
  which: SessionEnd['which'],
  call: Call,
): Promise<Answer<View<typeof SESSIONS_ENDED>> | Problem> {
  const token = findToken(id, call);
  if (isProblem(token)) return token;
  const outcome = await call.plane.endSessions({ token: token.id, which }, call.actor);
  return isProblem(outcome) ? outcome : { kind: 'answer', result: { ended: [...outcome.ids] } };
}

function sessionView(
  { session, used }: UsedSession,
  end: number | null,
  { session: own }: Call,
): View<typeof TOKEN_SESSION> {
  return {
    id: sessionId(session),
    created_on: moment(session.createdAt),
    // The token may have been given an earlier end since.
    expires_on: moment(Math.min(session.expiresAt, end ?? session.expiresAt)),
    last_used_on: used === null ? null : moment(used.at),
    last_used_from: used?.from ?? null,
    current: own?.hash === session.hash,
  };
}
