/** When something is asked for again of which news come in. */
export interface Pace {
  /** There is news. */
  readonly due: () => void;
  /** It is time, whether or not there is news. */
  readonly tick: () => void;
  readonly stop: () => void;
}

/** While news never end, it is asked for once in so many times as long as it takes to settle. */
const REST = 5;

/**
 * Asks soon after the first news, for all that come in a burst; seldom while they never end, because an installation with
 * very many zones has some each second; and not at all while nobody sees the page, but as soon as somebody does.
 */
export function pace(ask: () => void, settle: number): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let isOwing = false;
  const tick = () => {
    isOwing = document.hidden;
    if (isOwing) return;
    last = performance.now();
    ask();
  };
  // Not begun anew with each event: while they keep coming, what is shown would grow older and older.
  const due = () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        tick();
      },
      Math.max(settle, last + REST * settle - performance.now()),
    );
  };
  const seen = () => {
    if (isOwing) tick();
  };
  document.addEventListener('visibilitychange', seen);
  return {
    due,
    tick,
    stop: () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    },
  };
}
