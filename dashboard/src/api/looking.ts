/** Something that is looked at again and again, one look at a time: what a look answers is never older than what is shown. */
export interface Looking {
  /** Looks at once, in place of a look that is under way: for what somebody has just done here. */
  readonly now: () => void;
  /**
   * Looks at once, or once more after the look that is under way: for what happened elsewhere. A look is never given up for
   * such news, or where they come faster than answers nobody would ever see one.
   */
  readonly again: () => void;
  /** Looks no more, and tells nothing more. */
  readonly end: () => void;
}

/** Begins with nothing: `look` is called by `now` and `again`, and does not reject; `seen` hears what each look answers. */
export function looking<Answer>(
  look: (signal: AbortSignal) => Promise<Answer>,
  seen: (answer: Answer) => void,
): Looking {
  let underWay: AbortController | null = null;
  let isDue = false;
  const end = (): void => {
    underWay?.abort();
    underWay = null;
    isDue = false;
  };
  const now = (): void => {
    end();
    const own = new AbortController();
    underWay = own;
    void look(own.signal).then((answer) => {
      if (underWay !== own) return;
      underWay = null;
      seen(answer);
      if (isDue) now();
    });
  };
  const again = (): void => {
    if (underWay === null) now();
    else isDue = true;
  };
  return { now, again, end };
}
