/** One replacement in a text; `start` and `end` count characters. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits made. They must not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let made = '';
  let at = 0;
  for (const { start, end, text: replacement } of ordered) {
    if (start < at) throw new RangeError('edits overlap');
    made += text.slice(at, start) + replacement;
    at = end;
  }
  return made + text.slice(at);
}

/** The whole lines from `start` to `end`, with the last one's end: offsets, or `null` where something else stands on them. */
export function wholeLines(
  text: string,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } | null {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const to = newline < 0 ? text.length : newline + 1;
  const around = text.slice(from, start) + text.slice(end, to);
  return /^\s*(?:#.*)?\s*$/.test(around) ? { start: from, end: to } : null;
}

/** The end of the line that a text uses at an offset. */
export function lineEnd(text: string, offset: number): '\r\n' | '\n' {
  const newline = text.indexOf('\n', offset);
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** The mark before a line that had to give way. */
export function givenWay(name: string): string {
  return `# postern ${name}: `;
}

/** The text without the lines of a lock: inserted ones are gone, those that gave way are back. */
export function withoutLines(text: string, name: string, isInserted: (line: string) => boolean): string {
  const mark = givenWay(name);
  return text
    .split(/(?<=\n)/)
    .filter((line) => !isInserted(line.trim()))
    .map((line) => (line.startsWith(mark) ? line.slice(mark.length) : line))
    .join('');
}
