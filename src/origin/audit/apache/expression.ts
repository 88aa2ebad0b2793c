import { all, any, not } from '../caller.ts';
import type { Holds } from '../text.ts';
import { compare, type Comparison, type Turned, UNKNOWN, type Value, text } from '../value.ts';

/** What an expression is evaluated with. */
export interface ExpressionWorld {
  /** The value of `%{NAME}`. */
  readonly variable: (name: string) => Value;
  readonly turned: Turned;
}

/** Whether an expression of Apache holds (https://httpd.apache.org/docs/2.4/expr.html); also those of `SSLRequire`. */
export function evaluate(expression: string, world: ExpressionWorld): Holds {
  const tokens = tokensOf(expression);
  if (tokens === null) return 'unclear';
  const reader = new Reader(tokens, world);
  const truth = reader.disjunction();
  return reader.isAtEnd ? truth : 'unclear';
}

interface Token {
  readonly kind: 'text' | 'regex' | 'variable' | 'word' | 'mark';
  readonly text: string;
  readonly flags?: string;
}

const MAX_TOKENS = 1_000;
const MAX_DEPTH = 32;
const TOKEN =
  /\s*(?:(?<variable>%\{[^}]*\})|(?<double>"(?:[^"\\]|\\.)*")|(?<single>'(?:[^'\\]|\\.)*')|(?<mark>&&|\|\||[=!<>]=|=~|!~|[(){},!.<>=])|m(?<delimiter>[#|!,;/%])(?<body>.*?)\k<delimiter>(?<flags>[a-z]*)|(?<slashed>\/(?:[^/\\]|\\.)*\/)(?<more>[a-z]*)|(?<word>-?[A-Za-z_0-9][\w.:/-]*))/sy;

function tokensOf(expression: string): readonly Token[] | null {
  const tokens: Token[] = [];
  const trimmed = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    if (tokens.length >= MAX_TOKENS) return null;
    const found = TOKEN.exec(trimmed)?.groups;
    if (found === undefined) return null;
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf(found: Readonly<Record<string, string | undefined>>): Token {
  const quoted = found['double'] ?? found['single'];
  if (quoted !== undefined) return { kind: 'text', text: quoted.slice(1, -1).replaceAll(/\\(.)/gs, '$1') };
  if (found['variable'] !== undefined) return { kind: 'variable', text: found['variable'].slice(2, -1) };
  if (found['mark'] !== undefined) return { kind: 'mark', text: found['mark'] };
  if (found['body'] !== undefined) return { kind: 'regex', text: found['body'], flags: found['flags'] ?? '' };
  if (found['slashed'] !== undefined)
    return { kind: 'regex', text: found['slashed'].slice(1, -1), flags: found['more'] ?? '' };
  return { kind: 'word', text: found['word'] ?? '' };
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #world: ExpressionWorld;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], world: ExpressionWorld) {
    this.#tokens = tokens;
    this.#world = world;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  disjunction(): Holds {
    const found = [this.#conjunction()];
    while (this.#takes('||', 'or')) found.push(this.#conjunction());
    return any(found);
  }

  #conjunction(): Holds {
    const found = [this.#negation()];
    while (this.#takes('&&', 'and')) found.push(this.#negation());
    return all(found);
  }

  #negation(): Holds {
    if (this.#depth > MAX_DEPTH) return this.#lost();
    this.#depth += 1;
    const truth = this.#takes('!', 'not') ? not(this.#negation()) : this.#primary();
    this.#depth -= 1;
    return truth;
  }

  #primary(): Holds {
    if (this.#takes('(')) {
      const inner = this.disjunction();
      return this.#takes(')') ? inner : this.#lost();
    }
    const [token] = this.#tokens.slice(this.#at);
    if (token?.kind === 'word' && /^(?:true|false)$/i.test(token.text)) {
      this.#at += 1;
      return token.text.toLowerCase() === 'true' ? 'yes' : 'no';
    }
    if (token?.kind === 'word' && /^-[a-zA-Z]$/.test(token.text)) return this.#unary(token.text);
    return this.#comparison();
  }

  #unary(operator: string): Holds {
    this.#at += 1;
    const value = this.#value();
    const { turned } = this.#world;
    if (operator === '-n') return compare(value, { how: 'present' }, turned);
    // What must be missing is easily left out: nothing turns on it.
    if (operator === '-z') return not(compare(value, { how: 'present' }, new Set()));
    // The caller's address in a network.
    if (operator === '-R') return compare({ kind: 'address' }, { how: 'present' }, turned);
    return operator === '-T' ? compare(value, { how: 'equal', with: 'on', anyCase: true }, turned) : 'unclear';
  }

  #comparison(): Holds {
    const left = this.#value();
    const operator = this.#tokens[this.#at]?.text.toLowerCase() ?? '';
    if (!/^(?:[=!]=|=|[=!]~|-?(?:eq|ne)|-in|in|-ipmatch|-strmatch|-strcmatch)$/.test(operator)) {
      // A value alone holds where it is not empty.
      return compare(left, { how: 'present' }, this.#world.turned);
    }
    this.#at += 1;
    if (operator === '-in' || operator === 'in') return this.#oneOf(left);
    if (operator === '-ipmatch') {
      this.#value();
      return compare({ kind: 'address' }, { how: 'present' }, this.#world.turned);
    }
    const no = operator.startsWith('!') || operator.endsWith('ne');
    const truth = operator.endsWith('~') ? this.#fitting(left) : this.#same(left);
    return no ? not(truth) : truth;
  }

  #fitting(left: Value): Holds {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined || (token.kind !== 'regex' && token.kind !== 'text')) return this.#lost();
    const anyCase = token.flags?.includes('i') === true;
    return compare(left, { how: 'fits', with: token.text, anyCase }, this.#world.turned);
  }

  #same(left: Value): Holds {
    const right = this.#value();
    if (right.kind === 'text') return compare(left, { how: 'equal', with: right.text }, this.#world.turned);
    if (left.kind === 'text') return compare(right, { how: 'equal', with: left.text }, this.#world.turned);
    return 'unclear';
  }

  #oneOf(left: Value): Holds {
    if (!this.#takes('{')) return this.#lost();
    const found: Holds[] = [];
    do {
      const value = this.#value();
      const comparison: Comparison = { how: 'equal', with: value.kind === 'text' ? value.text : '' };
      found.push(value.kind === 'text' ? compare(left, comparison, this.#world.turned) : 'unclear');
    } while (this.#takes(','));
    return this.#takes('}') ? any(found) : this.#lost();
  }

  #value(): Value {
    const parts = [this.#single()];
    while (this.#takes('.')) parts.push(this.#single());
    const [first = UNKNOWN] = parts;
    if (parts.length === 1) return first;
    return parts.every((part) => part.kind === 'text') ? text(parts.map((part) => part.text).join('')) : UNKNOWN;
  }

  #single(): Value {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined) return UNKNOWN;
    if (token.kind === 'variable') return this.#world.variable(token.text);
    if (token.kind === 'text') return this.#withVariables(token.text);
    if (token.kind !== 'word') return UNKNOWN;
    return this.#takes('(') ? this.#called(token.text.toLowerCase()) : text(token.text);
  }

  #withVariables(of: string): Value {
    const alone = /^%\{([^}]*)\}$/.exec(of)?.[1];
    if (alone !== undefined) return this.#world.variable(alone);
    return of.includes('%{') ? UNKNOWN : text(of);
  }

  #called(name: string): Value {
    const argument = this.#value();
    if (!this.#takes(')')) return UNKNOWN;
    switch (name) {
      case 'reqenv':
      case 'env':
        return this.#world.variable(`ENV:${argument.kind === 'text' ? argument.text : ''}`);
      case 'http':
      case 'req':
      case 'req_novary':
        return this.#world.variable(`HTTP:${argument.kind === 'text' ? argument.text : ''}`);
      case 'tolower':
        return argument.kind === 'text' ? text(argument.text.toLowerCase()) : argument;
      // A digest of the certificate is as much its own as the certificate.
      case 'sha1':
      case 'md5':
      case 'base64':
      case 'unbase64':
        return argument.kind === 'text' && argument.text !== '' ? UNKNOWN : argument;
      default:
        return UNKNOWN;
    }
  }

  #takes(...texts: readonly string[]): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'text' || !texts.includes(token.text.toLowerCase())) return false;
    this.#at += 1;
    return true;
  }

  #lost(): Holds {
    this.#at = this.#tokens.length + 1;
    return 'unclear';
  }
}
