import { PREFIX as DRAFT } from './parts/draft.ts';

const KEY = 'postern session';

/**
 * Which session was begun on a page of this very origin. Cookies do not know ports: without TLS, whatever else answers on
 * this host can put one here, and have somebody go on in a session of its own. It cannot write this storage.
 */
export function rememberOwn(csrf: string): void {
  try {
    localStorage.setItem(KEY, csrf);
  } catch {
    // Without storage nothing is known, and nothing is refused.
  }
}

/** Whether a session may be gone on with: it was begun here, as far as that can be known. */
export function isOwn(csrf: string): boolean {
  try {
    return localStorage.getItem(KEY) === csrf;
  } catch {
    return true;
  }
}

/** Whether some session was begun here that may go on: without one, nothing is asked for that only a session gets. */
export function hasOwn(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** What somebody who signs out leaves to the next one in this browser: nothing of the session, nor what was being typed. */
export function forgetOwn(): void {
  try {
    localStorage.removeItem(KEY);
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFT)) sessionStorage.removeItem(key);
  } catch {
    // There is no storage to forget anything in.
  }
}
