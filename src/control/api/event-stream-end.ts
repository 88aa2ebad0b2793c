import type { Call } from './route.ts';

/** Timers of Node hold no more than this. */
const LONGEST = 2 ** 31 - 1;

/** Watches when the rights end by which somebody listens. */
export interface EndWatch {
  /** The token was changed: its end may be another one. */
  readonly again: () => void;
  readonly stop: () => void;
}

/** Calls `over` in the moment in which the session or the token of a call ends by itself, and the call counts no more. */
export function watchEnd(call: Call, counts: () => boolean, over: () => void): EndWatch {
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    clearTimeout(timer);
    const end = endOf(call);
    if (end === null) return;
    // One more, because what ends at a moment still counts in it.
    const left = Math.min(LONGEST, Math.max(1, end - call.clock() + 1));
    timer = setTimeout(() => (counts() ? again() : over()), left).unref();
  };
  again();
  return { again, stop: () => clearTimeout(timer) };
}

function endOf({ plane, token, session }: Call): number | null {
  const ends = [plane.tokenByHash(token.hash)?.expiresAt, session === null ? null : session.expiresAt];
  const known = ends.filter((end) => end !== null && end !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}
