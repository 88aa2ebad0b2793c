import { fixedText, type Holds, isText, matchesText, type Text } from '../text.ts';

type Token = { readonly kind: 'text' | 'placeholder' | 'word'; readonly text: string };

const TOKEN =
  /\s*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|`([^`]*)`|\{([\w.\-*]+)\}|(&&|\|\||==|!=|[!()[\],.]|[A-Za-z_]\w*|\d+))/gy;
const MAX_TOKENS = 500;

/** Whether an expression of CEL holds; what is not understood of it is `unclear`. */
export function expressionHolds(text: string, value: (placeholder: string) => Text): Holds {
  const tokens = tokensOf(text);
  if (tokens === null) return 'unclear';
  try {
    const reader = new Reader(tokens, value);
    const holds = reader.either();
    return reader.isAtEnd ? holds : 'unclear';
  } catch (error) {
    if (error instanceof NotUnderstood) return 'unclear';
    throw error;
  }
}

function tokensOf(text: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, double, single, raw, placeholder, word] = found;
    const quoted = double ?? single ?? raw;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll(/\\(.)/g, '$1') });
    else if (placeholder !== undefined) tokens.push({ kind: 'placeholder', text: placeholder });
    else tokens.push({ kind: 'word', text: word ?? '' });
    at = found.index + whole.length;
    if (tokens.length > MAX_TOKENS) return null;
  }
  return text.slice(at).trim() === '' ? tokens : null;
}

/** Never leaves this file. */
class NotUnderstood extends Error {}

const MAX_DEPTH = 50;

class Reader {
  readonly #tokens: readonly Token[];
  readonly #value: (placeholder: string) => Text;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], value: (placeholder: string) => Text) {
    this.#tokens = tokens;
    this.#value = value;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Holds {
    const parts = [this.#both()];
    while (this.#takes('||')) parts.push(this.#both());
    return strongest(parts, 'yes', 'no');
  }

  #both(): Holds {
    const parts = [this.#one()];
    while (this.#takes('&&')) parts.push(this.#one());
    return strongest(parts, 'no', 'yes');
  }

  #one(): Holds {
    if (this.#takes('!')) return opposite(this.#one());
    if (this.#takes('true')) return 'yes';
    if (this.#takes('false')) return 'no';
    if (!this.#takes('(')) return this.#comparison();
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new NotUnderstood();
    const holds = this.either();
    this.#depth -= 1;
    this.#wants(')');
    return holds;
  }

  #comparison(): Holds {
    const left = this.#term();
    if (typeof left !== 'object') return left;
    if (this.#takes('==')) return same(left, this.#text());
    if (this.#takes('!=')) return opposite(same(left, this.#text()));
    if (!this.#takes('in')) throw new NotUnderstood();
    this.#wants('[');
    const all = [same(left, this.#text())];
    while (this.#takes(',')) all.push(same(left, this.#text()));
    this.#wants(']');
    return strongest(all, 'yes', 'no');
  }

  /** A text, or what a method says of it. */
  #term(): Text | Holds {
    let text = this.#operand();
    while (this.#takes('.')) {
      const { text: method } = this.#next();
      this.#wants('(');
      if (method === 'lowerAscii' || method === 'trim') {
        this.#wants(')');
        text = text.map((part) => (typeof part === 'string' ? part.toLowerCase() : part));
        continue;
      }
      const argument = fixedText(this.#text());
      this.#wants(')');
      const pattern = argument === null ? null : patternOf(method, argument);
      if (pattern === null) throw new NotUnderstood();
      // What is not set has no methods, and an expression that fails does not hold.
      if (fixedText(text) === '\u0000') return 'no';
      return matchesText(text, pattern, false);
    }
    return text;
  }

  #text(): Text {
    const term = this.#term();
    if (typeof term !== 'object') throw new NotUnderstood();
    return term;
  }

  #operand(): Text {
    const token = this.#next();
    if (token.kind === 'placeholder') return this.#value(token.text);
    if (token.kind === 'text') return token.text === '' ? [] : [token.text];
    throw new NotUnderstood();
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new NotUnderstood();
    this.#at += 1;
    return token;
  }

  #takes(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text !== word) return false;
    this.#at += 1;
    return true;
  }

  #wants(word: string): void {
    if (!this.#takes(word)) throw new NotUnderstood();
  }
}

function patternOf(method: string, argument: string): string | null {
  const literal = argument.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (method === 'startsWith') return `^${literal}`;
  if (method === 'endsWith') return `${literal}$`;
  if (method === 'contains') return literal;
  return method === 'matches' ? argument : null;
}

function same(left: Text, right: Text): Holds {
  const [one, other] = [fixedText(left), fixedText(right)];
  if (other !== null) return isText(left, other, false);
  return one === null ? 'unclear' : isText(right, one, false);
}

/** `or` where `decides` is yes and `neutral` is no; `and` the other way round. */
function strongest(parts: readonly Holds[], decides: Holds, neutral: Holds): Holds {
  if (parts.includes(decides)) return decides;
  if (parts.every((part) => part === neutral)) return neutral;
  return parts.includes('unclear') ? 'unclear' : 'either';
}

/** What holds where this does not. */
export function opposite(holds: Holds): Holds {
  if (holds === 'yes') return 'no';
  return holds === 'no' ? 'yes' : holds;
}
