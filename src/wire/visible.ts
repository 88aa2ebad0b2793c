/**
 * Characters that a terminal or a reader obeys instead of showing them: controls, line ends, changes of direction and
 * marks of one, and what has no width at all or is blank without being a space (Unicode's Default_Ignorable_Code_Point).
 * Joiners stay, which some scripts need, and so do the variation selectors of emoji.
 */
const HIDDEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u2800\ufff9-\ufffb]|(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

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
