import type { Instant } from './ids.ts';
import { type Concern, NOTICE_KINDS } from './notice.ts';

/** A set-up of a hostname, as far as this asks. */
export interface SetupStanding {
  readonly modified: Instant;
  /** When somebody decided that strangers are refused; `null` while one watches who comes. */
  readonly decided: Instant | null;
}

/** Who did nothing more to a set-up for so long is not at it: what is open is open. */
const AT_IT = 7 * 86_400_000;

/** How far a set-up is that somebody is at; `null` where nobody is. */
export function setupStage(setup: SetupStanding | null | undefined, now: Instant): 'watching' | 'decided' | null {
  if (setup === null || setup === undefined || now - setup.modified > AT_IT) return null;
  return setup.decided === null ? 'watching' : 'decided';
}

/** Whether it may be nothing but a set-up that is under way: an open lock, or one of which nothing can be told. */
export function mayBeSetup({ code }: { readonly code: string }): boolean {
  return code === 'lock_open' || code === 'lock_unseen';
}

/**
 * A concern, where the hostname is being set up. An open lock is no alarm while somebody watches who comes; it is one again
 * from the decision to refuse strangers on. Everything that is counted or said of a zone goes through this.
 */
export function besideSetup(concern: Concern, setup: SetupStanding | null | undefined, now: Instant): Concern {
  if (!mayBeSetup(concern) || setupStage(setup, now) !== 'watching') return concern;
  const code = 'lock_not_yet';
  const key = `${code}${concern.key.slice(concern.code.length)}`;
  return { ...concern, key, code, severity: NOTICE_KINDS[code].severity };
}
