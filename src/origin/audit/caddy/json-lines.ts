/** A value of JSON (RFC 8259) that knows its line. */
export type JsonNode =
  | { readonly kind: 'object'; readonly line: number; readonly members: ReadonlyMap<string, JsonNode> }
  | { readonly kind: 'array'; readonly line: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'scalar'; readonly line: number; readonly value: string | number | boolean | null };

const MAX_DEPTH = 200;
const TOKEN = /[\s]*([{}[\],:]|"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*|true|false|null)/y;

/** Reads a text with its lines; null for one that is no JSON. */
export function parseJsonLines(text: string): JsonNode | null {
  try {
    JSON.parse(text);
    return new Reader(text).value(0);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Knows that what it reads is JSON. */
class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
    const token = this.#token();
    const line = this.#line;
    if (token === '{') return { kind: 'object', line, members: this.#members(depth) };
    if (token === '[') return { kind: 'array', line, items: this.#items(depth) };
    return { kind: 'scalar', line, value: JSON.parse(token) as string | number | boolean | null };
  }

  #members(depth: number): ReadonlyMap<string, JsonNode> {
    const members = new Map<string, JsonNode>();
    if (this.#isNext('}')) return members;
    for (;;) {
      const key = JSON.parse(this.#token()) as string;
      this.#token();
      members.set(key, this.value(depth + 1));
      if (this.#token() === '}') return members;
    }
  }

  #items(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = [];
    if (this.#isNext(']')) return items;
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.#token() === ']') return items;
    }
  }

  #isNext(wanted: string): boolean {
    const [at, line] = [this.#at, this.#line];
    if (this.#token() === wanted) return true;
    this.#at = at;
    this.#line = line;
    return false;
  }

  #token(): string {
    TOKEN.lastIndex = this.#at;
    const [whole, token] = TOKEN.exec(this.#text) ?? [];
    if (whole === undefined || token === undefined) throw new SyntaxError('not JSON');
    this.#line += whole.split('\n').length - 1;
    this.#at += whole.length;
    return token;
  }
}

/** A member of an object; null where there is none. */
export function member(node: JsonNode | null, ...path: readonly string[]): JsonNode | null {
  let found = node;
  for (const name of path) found = found?.kind === 'object' ? (found.members.get(name) ?? null) : null;
  return found;
}

/** The items of an array; none of anything else. */
export function items(node: JsonNode | null): readonly JsonNode[] {
  return node?.kind === 'array' ? node.items : [];
}

/** The members of an object, in their order. */
export function entries(node: JsonNode | null): readonly (readonly [string, JsonNode])[] {
  return node?.kind === 'object' ? [...node.members] : [];
}

/** A text; null for anything else. */
export function textOf(node: JsonNode | null): string | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

/** The texts of an array. */
export function textsOf(node: JsonNode | null): readonly string[] {
  return items(node).flatMap((one) => textOf(one) ?? []);
}

/** A number, also one that is written as a text; null for anything else. */
export function numberOf(node: JsonNode | null): number | null {
  const value = node?.kind === 'scalar' ? Number(node.value) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
