import { computed, signal } from '@preact/signals';
import { type ApiProblem, type Call, type Outcome, send } from './api/call.ts';

/** Who has signed in, as `GET /postern/v1/session` says it. */
interface Session {
  readonly token: {
    readonly id: string;
    readonly name: string;
    readonly permissions: readonly string[];
    readonly zones: 'all' | readonly string[];
    readonly accounts: 'all' | readonly string[];
  };
  readonly csrf: string;
  readonly expires_at: string;
}

export type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in'; readonly session: Session }
  /** `why` is shown above the form: what ended the session, or what was wrong with the token. */
  | { readonly kind: 'out'; readonly why: readonly ApiProblem[] };

const SESSION = '/postern/v1/session';
const ENDED: ApiProblem = { code: 0, message: 'The session has ended. Sign in again; this page stays.', pointer: null };

/** Whether somebody has signed in. */
export const sessionState = signal<SessionState>({ kind: 'asking' });

/** What the signed-in token may do. */
const permissions = computed<ReadonlySet<string>>(() => {
  const state = sessionState.value;
  return new Set(state.kind === 'in' ? state.session.token.permissions : []);
});

/** Whether the token has a permission; one to edit holds for reading too, and `*` for everything. */
export function may(permission: string): boolean {
  const held = permissions.value;
  return held.has('*') || held.has(permission) || held.has(permission.replace(/:read$/, ':edit'));
}

/** Whether the token is for all zones and accounts: what is told of all of them together is for such tokens alone. */
export const seesEverything = computed<boolean>(() => {
  const state = sessionState.value;
  return state.kind === 'in' && state.session.token.zones === 'all' && state.session.token.accounts === 'all';
});

/** Makes a call as whoever has signed in. One that meets the end of the session brings the sign-in back. */
export async function ask<T>(call: Call, signal?: AbortSignal): Promise<Outcome<T>> {
  const state = sessionState.peek();
  const csrf = state.kind === 'in' ? state.session.csrf : null;
  const outcome = await send<T>(call, { csrf, ...(signal === undefined ? {} : { signal }) });
  if (outcome.kind === 'refused' && outcome.status === 401 && sessionState.peek().kind === 'in') {
    sessionState.value = { kind: 'out', why: [ENDED] };
  }
  return outcome;
}

/** Finds out whether the session is still there; where it is not, the sign-in comes back. */
export async function askForSession(): Promise<void> {
  await ask<Session>({ method: 'GET', path: SESSION });
}

/** Finds out whether this browser is signed in already. */
export async function resumeSession(): Promise<void> {
  const outcome = await send<Session>({ method: 'GET', path: SESSION }, { csrf: null });
  if (outcome.kind === 'answer') sessionState.value = { kind: 'in', session: outcome.result };
  else sessionState.value = { kind: 'out', why: outcome.kind === 'unreachable' ? outcome.problems : [] };
}

/** Exchanges a token for a session; answers what was wrong with it. */
export async function signIn(token: string): Promise<readonly ApiProblem[]> {
  const call: Call = { method: 'POST', path: SESSION, body: { token }, secret: ['token'] };
  const outcome = await send<Session>(call, { csrf: null });
  if (outcome.kind !== 'answer') return outcome.problems;
  sessionState.value = { kind: 'in', session: outcome.result };
  return [];
}

/** Ends the session here and at the control plane. */
export async function signOut(): Promise<void> {
  await ask({ method: 'DELETE', path: SESSION });
  sessionState.value = { kind: 'out', why: [] };
}
