import { type Outcome, send } from './call.ts';

let begun: { readonly path: string; readonly outcome: Promise<Outcome<unknown>> } | null = null;

/**
 * Asks, while the page loads, for what it will ask for first: beside the question whether somebody has signed in, not
 * after it. The answer is for whoever goes on in a session of this very origin, and dropped for everybody else.
 */
export function beginAhead(path: string): void {
  begun = { path, outcome: send<unknown>({ method: 'GET', path }, { csrf: null }) };
}

/** What was asked for ahead, once; `null` where that was something else. */
export function takeAhead<T>(path: string): Promise<Outcome<T>> | null {
  const taken = begun;
  begun = null;
  // The caller says what shape the result has, as for every call.
  return taken?.path === path ? (taken.outcome as Promise<Outcome<T>>) : null;
}

/** Nobody goes on: what was answered is for nobody. */
export function dropAhead(): void {
  begun = null;
}
