/** Characters that a terminal or a reader obeys instead of showing them: controls, line ends, changes of direction. */
const HIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Whether a text is one line that looks like what it is. */
export function isVisible(text: string): boolean {
  return text.search(HIDDEN) === -1;
}

/** A text as it may be printed: what is hidden in it is written out. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
