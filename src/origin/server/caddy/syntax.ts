import { type Place, type Stop, stop } from '../place.ts';

/** A line of a Caddyfile with what its block holds. Offsets count characters; `end` is behind its line end, or its block's. */
export interface CaddyLine {
  readonly words: readonly string[];
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly block: CaddyBlock | null;
}

interface CaddyBlock {
  /** Behind the line that opens it. */
  readonly open: number;
  /** At the start of the line that closes it. */
  readonly close: number;
  readonly lines: readonly CaddyLine[];
}

const MAX_DEPTH = 32;
const MAX_LINES = 100_000;

/** The lines of a file, or where it stopped being understood. Pure; follows no import. */
export function parseCaddyfile(file: string, text: string): readonly CaddyLine[] | Stop {
  if (text.includes('\0')) return stop('not_text', { file, line: 1 });
  const open: Open[] = [{ lines: [], begun: null }];
  let count = 0;
  for (const found of tokenLines(text)) {
    const place = { file, line: found.line };
    count += 1;
    if (count > MAX_LINES) return stop('too_many', place);
    if (found.fault !== null) return stop(found.fault === '<<' ? 'embedded' : 'unfinished', place, found.fault);
    const stopped = taken(open, found, place);
    if (stopped !== null) return stopped;
  }
  const [root, unclosed] = open;
  if (unclosed?.begun) return stop('unbalanced', { file, line: unclosed.begun.line });
  return root?.lines ?? [];
}

interface Open {
  readonly lines: CaddyLine[];
  readonly begun: TokenLine | null;
}

function taken(open: Open[], found: TokenLine, place: Place): Stop | null {
  const { words, start, end, line } = found;
  if (words[0] === '}') {
    const last = open.pop();
    if (last?.begun === null || last === undefined || words.length > 1) return stop('unbalanced', place);
    const { begun } = last;
    const block = { open: begun.end, close: start, lines: last.lines };
    open.at(-1)?.lines.push({ words: begun.words.slice(0, -1), line: begun.line, start: begun.start, end, block });
    return null;
  }
  if (words.at(-1) === '{') {
    if (open.length > MAX_DEPTH) return stop('too_deep', place);
    open.push({ lines: [], begun: found });
    return null;
  }
  open.at(-1)?.lines.push({ words, line, start, end, block: null });
  return null;
}

interface TokenLine {
  readonly words: readonly string[];
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly fault: string | null;
}

/** The words of each line that has any. A quoted word may go over several lines. */
function* tokenLines(text: string): Iterable<TokenLine> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const found = tokenLine(text, at, line);
    const next = Math.min(found.end + 1, text.length);
    if (found.words.length > 0) yield { ...found, end: next };
    line += text.slice(at, next).split('\n').length - 1;
    at = next;
  }
}

function tokenLine(text: string, start: number, line: number): TokenLine {
  const words: string[] = [];
  let fault: string | null = null;
  let at = start;
  while (at < text.length && text[at] !== '\n') {
    const char = text[at] ?? '';
    if (/\s/.test(char)) at += 1;
    else if (char === '#') at = lineEndFrom(text, at);
    else {
      const word = wordAt(text, at);
      if (word.text.startsWith('<<')) fault = '<<';
      if (!word.whole) fault = 'a quoted text';
      words.push(word.text);
      at = word.end;
    }
  }
  return { words, line, start, end: at, fault };
}

function lineEndFrom(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}

function wordAt(text: string, start: number): { readonly text: string; readonly end: number; readonly whole: boolean } {
  const quote = text[start];
  if (quote === '`') {
    const end = text.indexOf('`', start + 1);
    return {
      text: text.slice(start + 1, end < 0 ? text.length : end),
      end: end < 0 ? text.length : end + 1,
      whole: end >= 0,
    };
  }
  if (quote !== '"') {
    const [bare = ''] = /^(?:\\.|\S)+/s.exec(text.slice(start)) ?? [];
    return { text: bare, end: start + Math.max(1, bare.length), whole: true };
  }
  const [whole] = /^"(?:\\.|[^"\\])*"/s.exec(text.slice(start)) ?? [];
  if (whole === undefined) return { text: '', end: text.length, whole: false };
  return { text: whole.slice(1, -1).replaceAll('\\"', '"'), end: start + whole.length, whole: true };
}
