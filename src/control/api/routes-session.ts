import { z } from 'zod';
import { problem } from '../../domain/problems.ts';
import { TIME, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { moment } from '../../wire/views.ts';
import { csrfSecret } from '../sessions.ts';
import { foreignSignIn } from './cross-site.ts';
import { one } from './returns.ts';
import { type Call, type Ground, type OpenSession, publicRoute, type Route, route, type SignInBy } from './route.ts';
import { givenCookie, takenCookie } from './session-cookie.ts';
import { tokenView } from './token-bodies.ts';
import { TOKEN } from '../../wire/tokens.ts';

const PATH = '/postern/v1/session';
const HOUR = 3_600_000;

const SIGN_IN = z
  .strictObject({
    token: z
      .string({ error: 'must be the text of a token' })
      .max(512, { error: 'must have at most 512 characters' })
      .meta({ description: 'The text of a token.', examples: ['pst_1mZ0b7'] })
      .optional(),
    code: z
      .string({ error: 'must be the text of a code' })
      .max(64, { error: 'must have at most 64 characters' })
      .meta({
        description: 'In place of a token: what stands behind `#sign-in=` in the address that `postern up` printed.',
        examples: ['x3V9c0'],
      })
      .optional(),
  })
  .superRefine(({ token, code }, found) => {
    if (token === undefined && code === undefined) {
      found.addIssue({ code: 'custom', path: ['token'], message: 'must be the text of a token' });
    }
    if (token !== undefined && code !== undefined) {
      // Of both together: what is said of one field repeats what stood there.
      found.addIssue({ code: 'custom', message: 'may have a token or a code, not both' });
    }
  })
  .meta({ description: 'Either a token or a code.' });

function shown({ token, code = '' }: z.output<typeof SIGN_IN>): SignInBy {
  return token === undefined ? { kind: 'code', text: code } : { kind: 'token', text: token };
}

const SESSION = z
  .strictObject({
    token: TOKEN,
    csrf: z.string().meta({
      description: 'What a change by cookie must carry in X-Postern-CSRF.',
      examples: ['r0pQ1cGm6X8vK2u5sT7wY9zA3bC4dE6fH8jL0nP2qS4'],
    }),
    expires_at: TIME,
  })
  .meta({ id: 'Session', description: 'A sign-in by cookie: it may do what its token may do at each moment.' });

const SIGNED_OUT = z
  .strictObject({ signed_out: z.literal(true) })
  .meta({ id: 'SignedOut', description: 'The session has ended.' });

/** How a browser signs in: it shows a token once, and from then on a cookie that no script can read. */
export const SESSION_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'POST',
    path: PATH,
    credential: 'body',
    takes: { body: SIGN_IN },
    answers: 'Signs in: a cookie stands for the token from now on, in calls of pages that Postern serves itself.',
    returns: one(SESSION),
    handle: async ({ body }, ground) => {
      const refused = foreignSignIn({ head: ground.header, own: ground.base });
      if (refused !== null) return refused;
      const by = shown(body);
      const token = ground.signIn(by);
      if (isProblem(token)) return token;
      const { plane, settings, from, now } = ground;
      const opened = await plane.openSession({ token, by: by.kind, from, lasts: settings.sessionHours * HOUR });
      if (isProblem(opened)) return opened;
      const { session, text } = opened;
      const seconds = Math.floor((session.expiresAt - now) / 1000);
      const cookie = givenCookie(text, { secure: isSecure(ground), seconds });
      const result = sessionView({ ...session, csrf: csrfSecret(text) }, { token, plane, now });
      return { kind: 'answer', result, headers: { 'set-cookie': cookie } };
    },
  }),
  route({
    method: 'GET',
    path: PATH,
    permission: 'any',
    credential: 'cookie',
    takes: {},
    answers: 'The session of the cookie, with its token as it is now and the secret that changes need.',
    returns: one(SESSION),
    handle: (_, call) =>
      call.session === null ? NO_SESSION : { kind: 'answer', result: sessionView(call.session, call) },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    permission: 'any',
    credential: 'cookie',
    takes: {},
    answers: 'Signs out: the session ends at once, and the browser forgets its cookie.',
    returns: one(SIGNED_OUT),
    handle: async (_, call) => {
      if (call.session === null) return NO_SESSION;
      const closed = await call.plane.closeSession(call.session.hash, call.actor);
      if (isProblem(closed)) return closed;
      const cookie = takenCookie(isSecure(call));
      return { kind: 'answer', result: { signed_out: true } as const, headers: { 'set-cookie': cookie, ...FORGET } };
    },
  }),
];

// Clear Site Data §2: pages that the browser kept as they were, to go back to, show what the session saw.
const FORGET = { 'clear-site-data': '"cache"' };

const NO_SESSION = problem('unauthenticated', 'this call is about the session of a cookie, and there is none');

function isSecure({ base }: Ground): boolean {
  return base.startsWith('https:');
}

function sessionView(session: OpenSession, call: Pick<Call, 'token' | 'plane' | 'now'>): View<typeof SESSION> {
  const { token } = call;
  // The token may have been given an earlier end since.
  const end = Math.min(session.expiresAt, token.expiresAt ?? session.expiresAt);
  return { token: tokenView(token, call), csrf: session.csrf, expires_at: moment(end) };
}
