const MAX_PATTERN = 1_000;
const MAX_SUBJECT = 500;

/** Whether a regular expression of a configuration fits a text; null where this engine cannot read it. */
export function fits(pattern: string, text: string, flags = ''): boolean | null {
  if (pattern.length > MAX_PATTERN || text.length > MAX_SUBJECT) return null;
  // PCRE writes options that hold for all of it in front; here they stand beside it.
  const [whole = '', options = ''] = /^\(\?([a-z]+)\)/.exec(pattern) ?? [];
  const all = [...new Set(`${flags}${options}`)].filter((flag) => 'ims'.includes(flag)).join('');
  try {
    return new RegExp(pattern.slice(whole.length), all).test(text);
  } catch {
    return null;
  }
}

/** Whether a pattern for a name also fits longer names that hold a right one. */
export function isLoose(pattern: string): boolean {
  const bare = pattern.replace(/^\(\?[a-z]+\)/, '');
  const ends = /(?<!\\)(?:\\\\)*(?:\$|\\[zZ])\)*$/.test(bare);
  // An attribute's name, or what separates one from the next, begins the value.
  const begins = /^\(*(?:\?:)?(?:\^|\\A|,|\/|\(\^\|)/.test(bare) || /^[A-Za-z]{1,20}=/.test(bare);
  return !ends || !begins || /(?<!\\)(?:\.\*|\.\+)/.test(bare);
}
