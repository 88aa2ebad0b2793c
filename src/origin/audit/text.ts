/** What stands in for a part of a text that is not fixed. */
export type Gap =
  /** The caller can put anything there. */
  | 'caller'
  /** A path: the caller can put anything there, and single paths are excepted on purpose. */
  | 'path'
  /** Nothing is known of it. */
  | 'unknown';

/** A text as it is when a request comes: fixed parts, and gaps. */
export type Text = readonly (string | { readonly gap: Gap })[];

/** Whether something holds. `either`: that is up to the caller; `unclear`: nobody can say. */
export type Holds = 'yes' | 'no' | 'either' | 'unclear';

export function fixed(text: string): Text {
  return text === '' ? [] : [text];
}

export function gap(kind: Gap): Text {
  return [{ gap: kind }];
}

/** The whole text, where all of it is fixed. */
export function fixedText(text: Text): string | null {
  let whole = '';
  for (const part of text) {
    if (typeof part !== 'string') return null;
    whole += part;
  }
  return whole;
}

/** Whether a text is the same as a literal one. */
export function isText(text: Text, literal: string, ignoresCase: boolean): Holds {
  const whole = fixedText(text);
  const [a, b] = ignoresCase ? [whole?.toLowerCase(), literal.toLowerCase()] : [whole, literal];
  if (whole !== null) return a === b ? 'yes' : 'no';
  const pattern = text.map((part) => (typeof part === 'string' ? escaped(part) : '.*')).join('');
  if (!new RegExp(`^${pattern}$`, ignoresCase ? 'is' : 's').test(literal)) return 'no';
  if (has(text, 'unknown')) return 'unclear';
  // A single path that is let off is an exception, and no hole.
  return has(text, 'path') ? 'no' : 'either';
}

/** Whether a text matches a pattern; one that cannot be read here is `unclear`. */
export function matchesText(text: Text, pattern: string, ignoresCase: boolean): Holds {
  const expression = patternOf(pattern, ignoresCase);
  const whole = fixedText(text);
  if (expression === null) return 'unclear';
  if (whole !== null) return expression.test(whole) ? 'yes' : 'no';
  if (/^\^?\/?\(?(?:\.\*)?\)?\$?$/.test(pattern)) return 'yes';
  if (contradicts(text, pattern, ignoresCase)) return 'no';
  return has(text, 'unknown') ? 'unclear' : 'either';
}

// What a pattern wants literally at its beginning or end, where the text is fixed there.
function contradicts(text: Text, pattern: string, ignoresCase: boolean): boolean {
  if (pattern.includes('|')) return false;
  const fold = (one: string) => (ignoresCase ? one.toLowerCase() : one);
  const [first, last] = [text[0], text.at(-1)];
  const head = /^\^((?:[\w/:@, =-](?![*?{+]))+)/.exec(pattern)?.[1];
  const tail = /(?<!\\)((?:[\w/:@, =-])+)\$$/.exec(pattern)?.[1];
  const [start, end] = [typeof first === 'string' ? fold(first) : '', typeof last === 'string' ? fold(last) : ''];
  return (
    (head !== undefined && differs(start, fold(head))) ||
    (tail !== undefined && differs(reversed(end), reversed(fold(tail))))
  );
}

function differs(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length) !== b.slice(0, length);
}

function reversed(text: string): string {
  return text.split('').reverse().join('');
}

// What PCRE has beyond JavaScript is rare in configurations.
function patternOf(pattern: string, ignoresCase: boolean): RegExp | null {
  try {
    return new RegExp(pattern.replaceAll('?P<', '?<'), ignoresCase ? 'i' : '');
  } catch {
    return null;
  }
}

function has(text: Text, kind: Gap): boolean {
  return text.some((part) => typeof part !== 'string' && part.gap === kind);
}

/** A literal as a part of a pattern. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
