import type { FastifyRequest } from 'fastify';
import type { Instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import { foreignCall } from './api/cross-site.ts';
import { FailedSignIns } from './api/failed-sign-ins.ts';
import type { OpenSession, Route } from './api/route.ts';
import { authenticate, type Credential, liveSession, readCredential } from './authenticate.ts';
import { baseOf, headerOf } from './listener/app.ts';
import type { Log } from './log.ts';
import type { ControlPlane } from './plane.ts';
import type { StoredToken } from './token.ts';
import type { SignInCode } from './sign-in-code.ts';
import { tokenHash } from './tokens.ts';

interface SignInParts {
  readonly plane: ControlPlane;
  readonly clock: () => Instant;
  readonly log: Log;
  readonly legacyKeys?: boolean;
  /** The code of this start; none counts where it is left out. */
  readonly signInCode?: SignInCode;
}

/** Who calls, or why nobody: found out once for each request. */
interface SignIn {
  readonly credential: Credential;
  readonly token: StoredToken | Problem;
  /** `null` where the credential is none, or the session has ended. */
  readonly session: OpenSession | null;
}

/** Who calls, by what they show. */
export class SignIns {
  readonly #parts: SignInParts;
  readonly #failures = new FailedSignIns();
  readonly #known = new WeakMap<FastifyRequest, SignIn>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** What a request shows, without counting it. */
  of(request: FastifyRequest): SignIn {
    const known = this.#known.get(request);
    if (known !== undefined) return known;
    const { legacyKeys = false } = this.#parts;
    const taking = { legacy: legacyKeys, secure: request.protocol === 'https' };
    const credential = readCredential((name) => headerOf(request, name), taking);
    const signIn = { credential, token: this.#judge(credential, request), session: this.#session(credential) };
    this.#known.set(request, signIn);
    return signIn;
  }

  /** Whose call this is, or why it is refused. */
  admit(route: Route, request: FastifyRequest): StoredToken | Problem {
    const admitted = this.#admitted(route, request);
    if (!isProblem(admitted)) this.#parts.plane.tokenUsed(admitted.id);
    return admitted;
  }

  #admitted(route: Route, request: FastifyRequest): StoredToken | Problem {
    const { credential, token } = this.of(request);
    if (credential.kind !== 'session') return this.#counted(credential, token, request);
    // Whoever may look without a token on this machine needs no cookie, and nobody else's page shall look with one.
    if (route.openHere === true) return problem('unauthenticated', 'send a token: a session does not count here');
    if (isProblem(token)) return token;
    const { method } = request;
    const head = (name: string) => headerOf(request, name);
    const refused = foreignCall({ method, head, own: baseOf(request), csrf: credential.csrf });
    if (refused !== null) return refused;
    this.#parts.plane.sessionUsed(credential.hash, addressOf(request));
    return token;
  }

  /** Judges a token that came in the body as if it stood in the head. */
  tokenOf(text: string, request: FastifyRequest): StoredToken | Problem {
    const credential = { kind: 'token', hash: tokenHash(text) } as const;
    const token = this.#counted(credential, this.#judge(credential, request), request);
    if (!isProblem(token)) this.#parts.plane.tokenUsed(token.id);
    return token;
  }

  /**
   * Whom the code of this start signs in: its token is judged as if it had been shown. `last` is asked before the code is
   * used up by it.
   */
  codeOf(
    text: string,
    request: FastifyRequest,
    last: (token: StoredToken) => StoredToken | Problem,
  ): StoredToken | Problem {
    const { plane, signInCode } = this.#parts;
    if (signInCode === undefined) return this.#failed(problem('bad_sign_in_code'), request);
    const token = signInCode.take(text, (hash) => {
      const found = this.#judge({ kind: 'token', hash }, request);
      if (!isProblem(found)) return last(found);
      return found.code === 'unauthenticated' ? problem('bad_sign_in_code', 'its token counts no longer') : found;
    });
    if (isProblem(token)) return token.code === 'bad_sign_in_code' ? this.#failed(token, request) : token;
    plane.tokenUsed(token.id);
    return token;
  }

  #session(credential: Credential): OpenSession | null {
    if (credential.kind !== 'session') return null;
    const { plane, clock } = this.#parts;
    const session = liveSession(credential.hash, plane.sessionByHash, clock());
    return session === null ? null : { ...session, csrf: credential.csrf };
  }

  #judge(credential: Credential, request: FastifyRequest): StoredToken | Problem {
    const { plane, clock } = this.#parts;
    return authenticate(credential, plane, { now: clock(), from: addressOf(request) });
  }

  // A session that has ended is no attempt at anything: every browser that was left open shows one.
  #counted(credential: Credential, token: StoredToken | Problem, request: FastifyRequest): StoredToken | Problem {
    const guessed = credential.kind === 'token' || credential.kind === 'legacy';
    if (!guessed || !isProblem(token) || token.code !== 'unauthenticated') return token;
    return this.#failed(token, request);
  }

  /** Counts a failure of this address; answers it, or that there were too many. */
  #failed(why: Problem, request: FastifyRequest): Problem {
    const from = addressOf(request);
    if (this.#failures.exceeded(from, this.#parts.clock())) return problem('too_many_failures');
    this.#parts.log('api_sign_in_failed', { request: request.id, from });
    return why;
  }
}

function addressOf({ socket }: FastifyRequest): string {
  return socket.remoteAddress ?? '';
}
