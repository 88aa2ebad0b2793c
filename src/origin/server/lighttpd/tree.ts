import { dirname, isAbsolute, join } from 'node:path';
import { type ConfigSource, isPattern } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';
import { type Condition, type Expression, parseLighttpd, type Statement, type Term } from './syntax.ts';

/** A value that a setting has. */
export type Value = string | number | readonly Member[];

/** A member of an array; one without a key has its place for one. */
interface Member {
  readonly key: string | null;
  readonly value: Value;
}

/** A setting where it is made. */
export interface Setting {
  readonly name: string;
  readonly value: Value;
  readonly place: Place;
}

/** A condition with its value known; `null` stands for a branch that only waits for those before it to fail. */
export interface Guard {
  readonly condition: {
    readonly subject: string;
    readonly operator: Condition['operator'];
    readonly value: string;
  } | null;
  /** The conditions of the branches before it, none of which may hold. */
  readonly unless: readonly NonNullable<Guard['condition']>[];
}

/** Settings that stand together, under conditions that must all hold. The first one has none: it is global. */
export interface Block {
  readonly guards: readonly Guard[];
  readonly settings: readonly Setting[];
  readonly place: Place;
}

/** A whole configuration. Blocks stand in the order in which lighttpd meets them: a later one that fits wins. */
export interface LighttpdTree {
  readonly main: string;
  readonly blocks: readonly Block[];
  readonly stops: readonly Stop[];
  /** Commands whose output is configuration; they are never run here. */
  readonly shells: readonly { readonly command: string; readonly place: Place }[];
}

const MAX_FILES = 1_000;
const MAX_INCLUDES = 16;
const MAX_BLOCKS = 50_000;

/** Reads a configuration from its main file. */
export function readLighttpdTree(main: string, source: ConfigSource): LighttpdTree {
  return new Reader(main, source).tree();
}

interface OpenBlock extends Block {
  readonly settings: Setting[];
  readonly parent: OpenBlock | null;
}

class Reader {
  readonly #main: string;
  readonly #source: ConfigSource;
  readonly #stops: Stop[] = [];
  readonly #shells: { readonly command: string; readonly place: Place }[] = [];
  readonly #variables = new Map<string, Value>();
  readonly #global: OpenBlock;
  readonly #blocks: OpenBlock[];
  #files = 0;

  constructor(main: string, source: ConfigSource) {
    this.#main = main;
    this.#source = source;
    this.#global = { guards: [], settings: [], place: { file: main, line: 1 }, parent: null };
    this.#blocks = [this.#global];
    this.#variables.set('var.CWD', dirname(main));
  }

  tree(): LighttpdTree {
    this.#file(this.#main, { file: this.#main, line: 1 }, this.#global, []);
    return { main: this.#main, blocks: this.#blocks, stops: this.#stops, shells: this.#shells };
  }

  #file(path: string, from: Place, block: OpenBlock, open: readonly string[]): void {
    this.#files += 1;
    if (open.includes(path)) return void this.#stops.push(stop('cycle', from, path));
    if (open.length > MAX_INCLUDES) return void this.#stops.push(stop('too_deep', from, path));
    if (this.#files > MAX_FILES) return void this.#stops.push(stop('too_many', from, path));
    const read = this.#source.read(path);
    if ('code' in read) {
      const code = read.code === 'ENOENT' ? 'missing' : read.code === 'EFBIG' ? 'too_large' : 'unreadable';
      return void this.#stops.push(stop(code, from, path));
    }
    const statements = parseLighttpd(path, read.text);
    if ('kind' in statements) return void this.#stops.push(statements);
    this.#all(statements, block, [...open, path]);
  }

  #all(statements: readonly Statement[], block: OpenBlock, open: readonly string[]): void {
    for (const statement of statements) this.#one(statement, block, open);
  }

  #one(statement: Statement, block: OpenBlock, open: readonly string[]): void {
    switch (statement.kind) {
      case 'assignment':
        this.#assign(statement, block);
        break;
      case 'global':
        this.#all(statement.statements, this.#global, open);
        break;
      case 'include_shell':
        this.#shells.push({ command: textOf(this.#value(statement.value, block)) ?? '', place: statement.place });
        break;
      case 'include':
        this.#include(textOf(this.#value(statement.value, block)), statement.place, block, open);
        break;
      case 'chain':
        this.#chain(statement, block, open);
        break;
    }
  }

  #chain({ branches }: Statement & { readonly kind: 'chain' }, parent: OpenBlock, open: readonly string[]): void {
    const before: NonNullable<Guard['condition']>[] = [];
    for (const { condition, statements, place } of branches) {
      if (this.#blocks.length > MAX_BLOCKS) return void this.#stops.push(stop('too_many', place));
      const own =
        condition === null ? null : { ...condition, value: textOf(this.#value(condition.value, parent)) ?? '' };
      const guards = [...parent.guards, { condition: own, unless: [...before] }];
      const block: OpenBlock = { guards, settings: [], place, parent };
      this.#blocks.push(block);
      this.#all(statements, block, open);
      if (own !== null) before.push(own);
    }
  }

  #include(text: string | null, place: Place, block: OpenBlock, open: readonly string[]): void {
    if (text === null || text === '') return void this.#stops.push(stop('dynamic', place, 'include'));
    const written = Buffer.from(text, 'latin1').toString('utf8');
    const path = isAbsolute(written) ? written : join(dirname(this.#main), written);
    const found = isPattern(path) ? this.#source.list(path) : [path];
    for (const one of found) this.#file(one, place, block, open);
  }

  #assign({ name, operator, value, place }: Statement & { readonly kind: 'assignment' }, block: OpenBlock): void {
    const given = this.#value(value, block);
    const isVariable = name.startsWith('var.');
    const before = isVariable ? this.#variables.get(name) : this.#known(name, block);
    const whole = operator === '+=' && before !== undefined ? joined(before, given) : given;
    if (isVariable) this.#variables.set(name, whole);
    else block.settings.push({ name, value: whole, place });
  }

  // What a block adds to is its own, or what stands around it.
  #known(name: string, block: OpenBlock): Value | undefined {
    for (let at: OpenBlock | null = block; at !== null; at = at.parent) {
      const own = at.settings.findLast((one) => one.name === name);
      if (own !== undefined) return own.value;
    }
    return undefined;
  }

  #value(expression: Expression, block: OpenBlock): Value {
    const [first, ...rest] = expression.map((term) => this.#term(term, block));
    return rest.reduce<Value>((sum, one) => joined(sum, one), first ?? '');
  }

  #term(term: Term, block: OpenBlock): Value {
    switch (term.kind) {
      case 'text':
        return term.text;
      case 'number':
        return term.number;
      case 'name':
        return this.#variables.get(term.name) ?? this.#known(term.name, block) ?? bareWord(term.name);
      case 'array':
        return term.entries.map(({ key, value }) => ({
          key: key === null ? null : textOf(this.#value(key, block)),
          value: this.#value(value, block),
        }));
    }
  }
}

// The environment of the server is not known here.
function bareWord(name: string): string {
  return name.startsWith('env.') || name.startsWith('var.') ? '' : name;
}

function joined(one: Value, other: Value): Value {
  if (typeof one === 'object' && typeof other === 'object') return [...one, ...other];
  if (typeof one === 'object' || typeof other === 'object') return other;
  return typeof one === 'number' && typeof other === 'number' ? one + other : `${one}${other}`;
}

/** A value as a text; null for an array. */
export function textOf(value: Value | undefined): string | null {
  if (value === undefined || typeof value === 'object') return null;
  return String(value);
}
