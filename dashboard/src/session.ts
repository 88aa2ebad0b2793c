import { computed, signal } from '@preact/signals';
import { dropAhead } from './api/ahead.ts';
import { type ApiProblem, type Call, type Outcome, send } from './api/call.ts';
import { forgetOwn, isOwn, rememberOwn } from './own-session.ts';

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
const UNAUTHENTICATED = 401;
const ENDED: ApiProblem = { code: 0, message: 'The session has ended. Sign in again; this page stays.', pointer: null };

const FOREIGN: ApiProblem = {
  code: 0,
  message: 'This browser holds a session that was not begun on this page. Sign in: yours takes its place.',
  pointer: null,
};

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

/** The id of the token that has signed in; `null` where nobody has. */
export function signedInAs(): string | null {
  const state = sessionState.value;
  return state.kind === 'in' ? state.session.token.id : null;
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
  // Whoever has signed in anew since has another session, of which this says nothing.
  if (isUnknown(outcome) && state.kind === 'in' && sessionState.peek() === state) {
    sessionState.value = { kind: 'out', why: [ENDED] };
  }
  return outcome;
}

/** Asks whether the session still holds: where it does not, the sign-in comes back. */
export async function lookAtSession(): Promise<void> {
  await ask({ method: 'GET', path: SESSION });
}

function isUnknown(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && outcome.status === UNAUTHENTICATED;
}

/**
 * Finds out whether this browser is signed in already; where it is not, a code of the address signs it in. Whoever is
 * signed in stays who they are: nobody becomes somebody else by opening an address. Answers whether a code was left
 * unused for that reason.
 */
export async function resumeSession(code: string | null): Promise<boolean> {
  const outcome = await send<Session>({ method: 'GET', path: SESSION }, { csrf: null });
  if (outcome.kind === 'answer' && isOwn(outcome.result.csrf)) {
    sessionState.value = { kind: 'in', session: outcome.result };
    return code !== null;
  }
  dropAhead();
  if (outcome.kind === 'unreachable' || code === null) sessionState.value = { kind: 'out', why: whyOut(outcome) };
  else await signInByCode(code);
  return false;
}

function whyOut(outcome: Outcome<Session>): readonly ApiProblem[] {
  if (outcome.kind === 'answer') return [FOREIGN];
  return isUnknown(outcome) ? [] : outcome.problems;
}

async function signInByCode(code: string): Promise<void> {
  const problems = await exchange({ code });
  if (problems.length > 0) sessionState.value = { kind: 'out', why: problems };
}

/** Exchanges a token for a session; answers what was wrong with it. */
export function signIn(token: string): Promise<readonly ApiProblem[]> {
  return exchange({ token });
}

async function exchange(body: { readonly token: string } | { readonly code: string }): Promise<readonly ApiProblem[]> {
  const call: Call = { method: 'POST', path: SESSION, body, secret: ['token', 'code'] };
  const outcome = await send<Session>(call, { csrf: null });
  if (outcome.kind !== 'answer') return outcome.problems;
  rememberOwn(outcome.result.csrf);
  sessionState.value = { kind: 'in', session: outcome.result };
  return [];
}

/** Ends the session at the control plane and here; answers why it goes on: a browser that still holds it is not signed out. */
export async function signOut(): Promise<readonly ApiProblem[]> {
  const outcome = await ask({ method: 'DELETE', path: SESSION });
  if (outcome.kind !== 'answer' && !isUnknown(outcome)) return outcome.problems;
  forgetOwn();
  sessionState.value = { kind: 'out', why: [] };
  return [];
}
