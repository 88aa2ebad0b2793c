import { type Place, type Stop, stop } from '../place.ts';

/** A directive or section as it stands in a file. Offsets count characters, from the start of its first line on. */
export interface ApacheDirective {
  /** In lower case: Apache compares names so. */
  readonly name: string;
  /** Without their quotes; `${NAME}` as it stands. */
  readonly args: readonly string[];
  /** What stands behind the name, as it is. */
  readonly rest: string;
  readonly line: number;
  readonly start: number;
  /** Behind the end of its last line. */
  readonly end: number;
  readonly section: ApacheSection | null;
  /** The lines of a `<Macro>`, where macros are read. */
  readonly body?: readonly ApacheLine[];
}

export interface ApacheSection {
  /** At the start of the first line inside. */
  readonly open: number;
  /** At the start of the closing line. */
  readonly close: number;
  readonly directives: readonly ApacheDirective[];
}

const MAX_DEPTH = 32;
const MAX_DIRECTIVES = 100_000;

/** What becomes of `<Macro>`: a file with one is not edited, and may still be read. */
export type Macros = 'refused' | 'read';

/** The directives of a file, or where it stopped being understood. Pure; follows no include. */
export function parseApache(file: string, text: string, macros: Macros = 'refused'): readonly ApacheDirective[] | Stop {
  const nul = text.indexOf('\0');
  if (nul >= 0) return stop('not_text', { file, line: text.slice(0, nul).split('\n').length });
  return parseApacheLines(file, logicalLines(text), macros);
}

/** The directives of lines of a file, such as those of a macro after its arguments were put in. Pure. */
export function parseApacheLines(
  file: string,
  lines: Iterable<ApacheLine>,
  macros: Macros,
): readonly ApacheDirective[] | Stop {
  const open: Open[] = [{ name: '', directives: [], begun: null }];
  let count = 0;
  for (const line of lines) {
    const trimmed = line.text.trim();
    const inMacro = open.at(-1)?.body;
    if (inMacro !== undefined && !MACRO_END.test(trimmed)) {
      inMacro.push(line);
      continue;
    }
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const place = { file, line: line.line };
    count += 1;
    if (count > MAX_DIRECTIVES) return stop('too_many', place);
    const stopped = trimmed.startsWith('</') ? closed(open, line, place) : begun(open, line, place, macros);
    if (stopped !== null) return stopped;
  }
  const [root, unclosed] = open;
  if (unclosed?.begun) return stop('unbalanced', { file, line: unclosed.begun.directive.line }, unclosed.name);
  return root?.directives ?? [];
}

const MACRO_END = /^<\/\s*macro\s*>$/i;

function closed(open: Open[], { text, start, end }: ApacheLine, place: Place): Stop | null {
  const closing = /^<\/\s*(\S+?)\s*>$/.exec(text.trim())?.[1]?.toLowerCase();
  const current = open.at(-1);
  if (current === undefined || current.begun === null || closing !== current.name) {
    return stop('unbalanced', place, text.trim().slice(0, SHOWN));
  }
  open.pop();
  const section = { open: current.begun.bodyAt, close: start, directives: current.directives };
  const { body } = current;
  const { directive } = current.begun;
  open.at(-1)?.directives.push(body === undefined ? { ...directive, end, section } : { ...directive, end, body });
  return null;
}

function begun(open: Open[], { text, line, start, end }: ApacheLine, place: Place, macros: Macros): Stop | null {
  const trimmed = text.trim();
  const opening = /^<\s*(?<name>[A-Za-z][A-Za-z0-9_]*)(?<rest>.*)>$/s.exec(trimmed)?.groups;
  if (opening === undefined && trimmed.startsWith('<')) return stop('unfinished', place, trimmed.slice(0, SHOWN));
  const [name, rest] = opening === undefined ? split(trimmed) : [opening['name'] ?? '', (opening['rest'] ?? '').trim()];
  const args = words(rest);
  if (args === null) return stop('unfinished', place, 'a quoted text');
  const directive = { name: name.toLowerCase(), args, rest, line, start, end, section: null };
  if (opening === undefined) open.at(-1)?.directives.push(directive);
  else if (/^(?:perl|lua)/i.test(name)) return stop('embedded', place, name);
  else if (open.length > MAX_DEPTH) return stop('too_deep', place, name);
  else {
    const isMacro = directive.name === 'macro';
    if (isMacro && macros === 'refused') return stop('embedded', place, name);
    const begun = { directive, bodyAt: end };
    open.push({ name: directive.name, directives: [], begun, ...(isMacro ? { body: [] } : {}) });
  }
  return null;
}

const SHOWN = 40;

interface Open {
  readonly name: string;
  readonly directives: ApacheDirective[];
  readonly begun: { readonly directive: ApacheDirective; readonly bodyAt: number } | null;
  /** Of a macro: what stands in it is not looked at before it is used. */
  readonly body?: ApacheLine[];
}

/** A line with those that a backslash joins to it. */
export interface ApacheLine {
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

// A backslash right before the end of a line joins it with the next, in comments too.
function* logicalLines(text: string): Iterable<ApacheLine> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const start = at;
    const first = line;
    let joined = '';
    for (;;) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      const piece = text.slice(at, end).replace(/\r$/, '');
      at = newline < 0 ? text.length : newline + 1;
      line += 1;
      if (!piece.endsWith('\\') || at >= text.length) {
        joined += piece;
        break;
      }
      joined += piece.slice(0, -1);
    }
    yield { text: joined, line: first, start, end: at };
  }
}

function split(text: string): readonly [string, string] {
  const at = text.search(/\s/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at).trim()];
}

const WORD = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*)/gs;

/** The words of an argument text; `null` where a quote is not closed. */
function words(text: string): readonly string[] | null {
  const found: string[] = [];
  const left = text.replace(WORD, (_whole, double?: string, single?: string, bare?: string) => {
    found.push(bare ?? (double ?? single ?? '').replace(/\\(["'\\])/g, '$1'));
    return '';
  });
  return left.trim() === '' ? found : null;
}
