/**
 * Where a block of Lua ends: the offset of its closing brace, `null` where it has none. Braces in strings and comments do not
 * count (Lua 5.1 reference manual, section 2.1).
 */
export function luaEnd(text: string, start: number): number | null {
  let depth = 1;
  for (let at = start; at < text.length; ) {
    const skipped = behindText(text, at);
    if (skipped === null) return null;
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
    at += 1;
  }
  return null;
}

/** Behind the string or comment that begins there; the same offset where none does, `null` where it has no end. */
function behindText(text: string, at: number): number | null {
  const char = text[at];
  if (char === '"' || char === "'") return behindQuoted(text, at, char);
  const isComment = char === '-' && text[at + 1] === '-';
  const long = longBracket(text, isComment ? at + 2 : at);
  if (long !== null) {
    const end = text.indexOf(long.close, long.body);
    return end < 0 ? null : end + long.close.length;
  }
  if (!isComment) return at;
  const newline = text.indexOf('\n', at);
  return newline < 0 ? null : newline;
}

function behindQuoted(text: string, start: number, quote: string): number | null {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === quote) return at + 1;
    // Such a string does not go over lines: it was none.
    else if (char === '\n') return null;
  }
  return null;
}

function longBracket(text: string, at: number): { readonly body: number; readonly close: string } | null {
  if (text[at] !== '[') return null;
  let equals = at + 1;
  while (text[equals] === '=') equals += 1;
  return text[equals] === '[' ? { body: equals + 1, close: `]${'='.repeat(equals - at - 1)}]` } : null;
}
