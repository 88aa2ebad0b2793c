/** The problems of those who sign in by cookie, provoked from outside: see problems.test.ts. */

import type { ProblemCode } from '../../src/domain/problems.ts';
import type { Answer, Control } from './control.ts';
import { raw } from './raw-request.ts';

interface Ground {
  readonly control: Control;
  readonly call: Control['call'];
}

type Provocation = (ground: Ground) => Promise<Pick<Answer, 'status' | 'errors'>>;

const PATH = '/postern/v1/session';

export const SESSION_PROVOKED = {
  bad_cookie: ({ control }) =>
    raw(control, `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nCookie: postern_session=a; postern_session=b\r\n\r\n`),
  bad_sign_in_code: ({ call }) => call('POST', PATH, { code: 'of another start' }),
  cross_site: ({ call, control }) => call('POST', PATH, { token: control.token }, { origin: 'https://elsewhere.test' }),
  csrf_secret_wrong: async ({ control: { base, token } }) => {
    const signedIn = await fetch(base + PATH, { method: 'POST', body: JSON.stringify({ token }) });
    const headers = { cookie: signedIn.headers.getSetCookie().join().replace(/;.*/, '') };
    const answer = await fetch(base + PATH, { method: 'DELETE', headers });
    return { ...((await answer.json()) as Pick<Answer, 'errors'>), status: answer.status };
  },
  session_not_found: async ({ call, control }) => {
    const own = await control.made<{ readonly id: string }>('GET', '/user/tokens/verify');
    return call('DELETE', `/postern/v1/tokens/${own.id}/sessions/${'0'.repeat(16)}`);
  },
} as const satisfies Readonly<Partial<Record<ProblemCode, Provocation>>>;
