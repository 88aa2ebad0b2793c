import { type Place, type Stop, stop } from '../place.ts';

/** An expression: parts joined by `+`. */
export type Expression = readonly Term[];

export type Term =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  /** `var.x`, `env.X`, or a setting's own name. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly entries: readonly Entry[] };

/** A member of an array, with a key or without. */
interface Entry {
  readonly key: Expression | null;
  readonly value: Expression;
}

/** `$HTTP["host"] =~ "…"`. */
export interface Condition {
  /** Such as `HTTP["host"]`, in lower case behind the bracket. */
  readonly subject: string;
  readonly operator: '==' | '!=' | '=~' | '!~' | '=^' | '=$';
  readonly value: Expression;
}

/** What stands in a file, in its order. */
export type Statement =
  | {
      readonly kind: 'assignment';
      readonly name: string;
      readonly operator: '=' | '+=' | ':=';
      readonly value: Expression;
      readonly place: Place;
    }
  | { readonly kind: 'include' | 'include_shell'; readonly value: Expression; readonly place: Place }
  | { readonly kind: 'chain'; readonly branches: readonly Branch[] }
  /** `global { … }`: as if it stood outside of everything. */
  | { readonly kind: 'global'; readonly statements: readonly Statement[] };

/** One of several blocks of which the first that fits is taken; the last one may have no condition. */
interface Branch {
  readonly condition: Condition | null;
  readonly statements: readonly Statement[];
  readonly place: Place;
}

const MAX_TOKENS = 500_000;
const MAX_DEPTH = 32;

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'subject' | 'mark' | 'end_of_line';
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /(?<blank>[ \t\r\f\v]+|#[^\n]*)|(?<eol>\n)|(?<subject>\$[A-Za-z_]+\s*\[\s*"[^"\n]*"\s*\])|"(?<double>(?:[^"\\]|\\[\s\S])*)"|'(?<single>(?:[^'\\]|\\[\s\S])*)'|(?<mark>=>|==|!=|=~|!~|=\^|=\$|\+=|:=|[=+(){},])|(?<number>\d+(?![\w.-]))|(?<name>[A-Za-z_][\w.-]*)/y;

/** The statements of a file, or where it stopped being understood. Pure; follows no include. */
export function parseLighttpd(file: string, text: string): readonly Statement[] | Stop {
  const tokens = tokensOf(file, text);
  if ('kind' in tokens) return tokens;
  try {
    return new Parser(file, tokens).file();
  } catch (error) {
    if (error instanceof NotUnderstood) return stop(error.code, { file, line: error.line }, error.message);
    throw error;
  }
}

class NotUnderstood extends Error {
  readonly line: number;
  readonly code: Stop['code'];
  constructor(code: Stop['code'], line: number, message: string) {
    super(message);
    this.code = code;
    this.line = line;
  }
}

function tokensOf(file: string, text: string): readonly Token[] | Stop {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    const groups = found?.groups;
    if (found === null || groups === undefined)
      return stop('unfinished', { file, line }, text.slice(at, at + 20).trim());
    if (tokens.length > MAX_TOKENS) return stop('too_many', { file, line });
    const token = tokenOf(groups, line);
    if (token !== null) tokens.push(token);
    line += found[0].split('\n').length - 1;
  }
  return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, line: number): Token | null {
  if (groups['eol'] !== undefined) return { kind: 'end_of_line', text: '', line };
  const quoted = groups['double'] ?? groups['single'];
  // Only a quote loses its backslash: regular expressions keep theirs.
  if (quoted !== undefined) return { kind: 'text', text: quoted.replaceAll(/\\(["'])/g, '$1'), line };
  for (const kind of ['subject', 'mark', 'number', 'name'] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text, line };
  }
  return null;
}

const CONDITIONS: ReadonlySet<string> = new Set(['==', '!=', '=~', '!~', '=^', '=$']);

class Parser {
  readonly #file: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(file: string, tokens: readonly Token[]) {
    this.#file = file;
    this.#tokens = tokens;
  }

  file(): readonly Statement[] {
    const statements = this.#statements(null);
    return statements;
  }

  #statements(end: '}' | null): readonly Statement[] {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#lost('too_deep');
    const statements: Statement[] = [];
    for (;;) {
      this.#skipLines();
      const token = this.#next();
      if (token === undefined) {
        if (end !== null) throw this.#lost('unbalanced');
        break;
      }
      if (end !== null && token.text === end && token.kind === 'mark') {
        this.#at += 1;
        break;
      }
      statements.push(this.#statement(token));
    }
    this.#depth -= 1;
    return statements;
  }

  #statement(token: Token): Statement {
    const place = { file: this.#file, line: token.line };
    if (token.kind === 'subject') return this.#chain();
    if (token.kind !== 'name') throw this.#lost('unfinished');
    this.#at += 1;
    if (token.text === 'include' || token.text === 'include_shell') {
      return { kind: token.text, value: this.#expression(), place };
    }
    if (token.text === 'global' && this.#takes('{')) return { kind: 'global', statements: this.#statements('}') };
    const operator = this.#next()?.text;
    if (operator !== '=' && operator !== '+=' && operator !== ':=') throw this.#lost('unfinished');
    this.#at += 1;
    return { kind: 'assignment', name: token.text, operator, value: this.#expression(), place };
  }

  #chain(): Statement {
    const branches: Branch[] = [];
    for (;;) {
      const line = this.#next()?.line ?? 0;
      const condition = this.#condition();
      this.#skipLines();
      if (!this.#takes('{')) throw this.#lost('unbalanced');
      branches.push({ condition, statements: this.#statements('}'), place: { file: this.#file, line } });
      if (condition === null || !this.#takesElse()) return { kind: 'chain', branches };
    }
  }

  #takesElse(): boolean {
    const before = this.#at;
    this.#skipLines();
    const word = this.#next()?.text;
    if (word === 'else' || word === 'elseif' || word === 'elif') {
      this.#at += 1;
      if (this.#next()?.text === 'if') this.#at += 1;
      return true;
    }
    this.#at = before;
    return false;
  }

  #condition(): Condition | null {
    const token = this.#next();
    if (token?.kind !== 'subject') return null;
    this.#at += 1;
    const operator = this.#next()?.text ?? '';
    if (!isOperator(operator)) throw this.#lost('unfinished');
    this.#at += 1;
    const [, subject = '', field = ''] = /^\$([A-Za-z_]+)\s*\[\s*"([^"]*)"/.exec(token.text) ?? [];
    return { subject: `${subject.toUpperCase()}["${field.toLowerCase()}"]`, operator, value: this.#expression() };
  }

  #expression(): Expression {
    const terms = [this.#term()];
    while (this.#takes('+')) {
      this.#skipLines();
      terms.push(this.#term());
    }
    return terms;
  }

  #term(): Term {
    const token = this.#next();
    this.#at += 1;
    if (token?.kind === 'text') return { kind: 'text', text: token.text };
    if (token?.kind === 'number') return { kind: 'number', number: Number(token.text) };
    if (token?.kind === 'name') return { kind: 'name', name: token.text };
    if (token?.kind === 'mark' && token.text === '(') return this.#array();
    this.#at -= 1;
    throw this.#lost('unfinished');
  }

  #array(): Term {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#lost('too_deep');
    const entries: Entry[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#takes(')')) break;
      const first = this.#expression();
      this.#skipLines();
      if (this.#takes('=>')) {
        this.#skipLines();
        entries.push({ key: first, value: this.#expression() });
        this.#skipLines();
      } else entries.push({ key: null, value: first });
      if (this.#takes(',')) continue;
      this.#skipLines();
      if (this.#takes(')')) break;
      throw this.#lost('unbalanced');
    }
    this.#depth -= 1;
    return { kind: 'array', entries };
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #skipLines(): void {
    while (this.#next()?.kind === 'end_of_line') this.#at += 1;
  }

  #takes(text: string): boolean {
    const token = this.#next();
    if (token?.kind !== 'mark' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #lost(code: Stop['code']): NotUnderstood {
    const token = this.#next() ?? this.#tokens.at(-1);
    return new NotUnderstood(code, token?.line ?? 1, token?.text.slice(0, 40) ?? '');
  }
}

function isOperator(text: string): text is Condition['operator'] {
  return CONDITIONS.has(text);
}
