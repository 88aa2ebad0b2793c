/**
 * Characters that a terminal or a reader obeys instead of showing them: controls, line ends, changes of direction and
 * marks of one, and what has no width at all. Joiners stay, which some scripts need.
 */
const HIDDEN =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Whether a text is one line that looks like what it is. */
export function isVisible(text: string): boolean {
  return text.search(HIDDEN) === -1;
}

/** A text as it may be printed: what is hidden in it is written out. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

function escaped(one: string): string {
  const code = (one.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}
