import { type Stop, stop } from '../place.ts';

/** A word of a line, with where it stands in the file. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A line that says something. Offsets count characters; `end` is behind its line end. */
export interface HaproxyLine {
  readonly words: readonly Word[];
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface HaproxySection {
  readonly kind: string;
  readonly name: string;
  readonly head: HaproxyLine;
  readonly lines: readonly HaproxyLine[];
}

const SECTIONS: ReadonlySet<string> = new Set(
  (
    'global defaults frontend backend listen peers resolvers userlist mailers cache program http-errors ring ' +
    'log-forward log-profile crt-store fcgi-app traces acme'
  ).split(' '),
);
const MAX_LINES = 100_000;

/** The sections of a file, or where it stopped being understood. Pure. */
export function parseHaproxy(file: string, text: string): readonly HaproxySection[] | Stop {
  const sections: (HaproxySection & { readonly lines: HaproxyLine[] })[] = [];
  let at = 0;
  for (let line = 1; at < text.length; line += 1) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    const place = { file, line };
    if (line > MAX_LINES) return stop('too_many', place);
    const words = wordsOf(text, at, end);
    if (words === null) return stop('unfinished', place, 'a quoted text');
    const [first, second] = words;
    if (first !== undefined) {
      const found = { words, line, start: at, end };
      // What is between them depends on the environment of the process.
      if (first.text.startsWith('.')) return stop('dynamic', place, first.text);
      if (SECTIONS.has(first.text))
        sections.push({ kind: first.text, name: second?.text ?? '', head: found, lines: [] });
      else if (sections.length === 0) return stop('unknown_section', place, first.text);
      else sections.at(-1)?.lines.push(found);
    }
    at = end;
  }
  return sections;
}

/** The words of a line, without a comment; `null` where a quote is not closed. */
function wordsOf(text: string, from: number, to: number): readonly Word[] | null {
  const words: Word[] = [];
  for (let at = from; at < to; ) {
    const char = text[at] ?? '';
    if (/[\s\0]/.test(char)) at += 1;
    else if (char === '#') return words;
    else {
      const word = wordAt(text, at, to);
      if (word === null) return null;
      words.push(word);
      at = word.end;
    }
  }
  return words;
}

function wordAt(text: string, start: number, to: number): Word | null {
  let read = '';
  let quote = '';
  let at = start;
  for (; at < to; at += 1) {
    const char = text[at] ?? '';
    if (quote === '' && /[\s#]/.test(char)) break;
    if (char === '\\' && quote !== "'") {
      at += 1;
      read += text[at] ?? '';
    } else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else read += char;
  }
  return quote === '' ? { text: read, start, end: at } : null;
}
