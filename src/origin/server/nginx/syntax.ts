import { type Stop, stop } from '../place.ts';
import { luaEnd } from './lua.ts';

/** A directive as it stands in a file: enough to name it and to edit around it. Offsets count characters. */
export interface Directive {
  readonly name: string;
  /** Without their quotes; variables as they stand. */
  readonly args: readonly string[];
  readonly line: number;
  readonly start: number;
  /** Behind the `;` or the `}`. */
  readonly end: number;
  readonly block: Block | null;
}

export interface Block {
  /** Behind the `{`. */
  readonly open: number;
  /** At the `}`. */
  readonly close: number;
  readonly directives: readonly Directive[];
}

const MAX_DEPTH = 32;
const MAX_DIRECTIVES = 100_000;

/** What becomes of Lua in a configuration: where files are edited, reading stops there; an audit reads on behind it. */
export type LuaBlocks = 'stop' | 'pass';

/** The directives of a file, or where it stopped being understood. Pure; follows no include. */
export function parseNginx(file: string, text: string, lua: LuaBlocks = 'stop'): readonly Directive[] | Stop {
  try {
    return new Parser(file, text, lua).file();
  } catch (error) {
    if (error instanceof Stopped) return error.stop;
    throw error;
  }
}

/** Carries a stop out of the recursion; never leaves this file. */
class Stopped extends Error {
  readonly stop: Stop;
  constructor(reason: Stop) {
    super(reason.code);
    this.stop = reason;
  }
}

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly start: number; readonly line: number }
  | { readonly kind: ';' | '{' | '}' | 'end'; readonly start: number; readonly line: number };

class Parser {
  readonly #file: string;
  readonly #text: string;
  readonly #lua: LuaBlocks;
  #at = 0;
  #line = 1;
  #count = 0;

  constructor(file: string, text: string, lua: LuaBlocks) {
    this.#file = file;
    this.#text = text;
    this.#lua = lua;
  }

  file(): readonly Directive[] {
    const nul = this.#text.indexOf('\0');
    if (nul >= 0) this.#stop('not_text', this.#text.slice(0, nul).split('\n').length);
    return this.#directives(0).directives;
  }

  #directives(depth: number): { readonly directives: readonly Directive[]; readonly close: number } {
    const directives: Directive[] = [];
    for (;;) {
      const token = this.#token();
      if (token.kind === 'end' && depth === 0) return { directives, close: token.start };
      if (token.kind === '}' && depth > 0) return { directives, close: token.start };
      if (token.kind !== 'word') this.#stop(token.kind === ';' ? 'unfinished' : 'unbalanced', token.line);
      else directives.push(this.#directive(token, depth));
    }
  }

  #directive(first: Token & { readonly kind: 'word' }, depth: number): Directive {
    this.#count += 1;
    if (this.#count > MAX_DIRECTIVES) this.#stop('too_many', first.line);
    const { text: name, line, start } = first;
    const args: string[] = [];
    for (;;) {
      const token = this.#token();
      if (token.kind === 'word') args.push(token.text);
      else if (token.kind === ';') return { name, args, line, start, end: this.#at, block: null };
      else if (token.kind === '{') return { name, args, line, start, ...this.#block(first, depth) };
      else this.#stop('unfinished', line, name);
    }
  }

  #block({ text: name, line }: Token & { readonly kind: 'word' }, depth: number): Pick<Directive, 'end' | 'block'> {
    // Lua has strings and comments of its own: its braces cannot be counted by nginx's rules.
    if (name.endsWith('_by_lua_block')) return this.#luaBlock(name, line);
    if (depth >= MAX_DEPTH) this.#stop('too_deep', line, name);
    const open = this.#at;
    const { directives, close } = this.#directives(depth + 1);
    return { block: { open, close, directives }, end: this.#at };
  }

  #luaBlock(name: string, line: number): Pick<Directive, 'end' | 'block'> {
    if (this.#lua === 'stop') this.#stop('embedded', line, name);
    const open = this.#at;
    const close = luaEnd(this.#text, open);
    if (close === null) this.#stop('unbalanced', line, name);
    this.#line += this.#text.slice(open, close).split('\n').length - 1;
    this.#at = close + 1;
    return { block: { open, close, directives: [] }, end: this.#at };
  }

  #token(): Token {
    this.#skipBlanks();
    const [start, line] = [this.#at, this.#line];
    const first = this.#text[start];
    if (first === undefined) return { kind: 'end', start, line };
    if (first === ';' || first === '{' || first === '}') {
      this.#at += 1;
      return { kind: first, start, line };
    }
    const text = first === '"' || first === "'" ? this.#quoted(first, line) : this.#bare();
    return { kind: 'word', text, start, line };
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '\n') this.#line += 1;
      else if (char === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
        continue;
      } else if (char === undefined || !isBlank(char)) return;
      this.#at += 1;
    }
  }

  #quoted(quote: string, line: number): string {
    this.#at += 1;
    const text = this.#until((char) => char === quote);
    if (this.#text[this.#at] !== quote) this.#stop('unfinished', line, 'a quoted text');
    this.#at += 1;
    const next = this.#text[this.#at];
    if (next !== undefined && !isBlank(next) && !/[;{)]/.test(next))
      this.#stop('unfinished', this.#line, 'after a quoted text');
    // nginx takes `"a")` as one parameter less its quotes, and goes on with the bracket as a word of its own.
    return text;
  }

  #bare(): string {
    return this.#until((char, before) => isBlank(char) || char === ';' || (char === '{' && before !== '$'));
  }

  /** Reads on until a character ends it, with nginx's own escapes undone. */
  #until(ends: (char: string, before: string) => boolean): string {
    let read = '';
    for (let before = ''; ; ) {
      const char = this.#text[this.#at];
      if (char === undefined || ends(char, before)) return read;
      if (char === '\n') this.#line += 1;
      this.#at += 1;
      if (char !== '\\') {
        read += char;
        before = char;
        continue;
      }
      const next = this.#text[this.#at];
      if (next === undefined) return read;
      if (next === '\n') this.#line += 1;
      this.#at += 1;
      read += ESCAPES[next] ?? `\\${next}`;
      before = next;
    }
  }

  #stop(code: Stop['code'], line: number, detail = ''): never {
    throw new Stopped(stop(code, { file: this.#file, line }, detail));
  }
}

// No others: what other languages take for blanks may be one byte of a letter (U+00E0 is C3 A0 in UTF-8).
function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };
