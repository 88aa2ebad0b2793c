import { dirname, isAbsolute, join } from 'node:path';
import { type ConfigSource, isPattern } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';
import { type Block, type Directive, type LuaBlocks, parseNginx } from './syntax.ts';

/** A directive where it takes effect: includes are replaced by what they bring. */
export interface Effective {
  readonly name: string;
  readonly args: readonly string[];
  readonly place: Place;
  /** The directive as it stands in its file. */
  readonly source: Directive;
  readonly inner: readonly Effective[] | null;
}

/** The name of what stands for a file that was not understood. */
export const NOT_UNDERSTOOD = '(not understood)';

/** A whole configuration: what takes effect, and the text of every file. */
export interface NginxTree {
  readonly main: string;
  readonly effective: readonly Effective[];
  readonly texts: ReadonlyMap<string, string>;
  /** Files that were not understood: nothing is known of what they hold. */
  readonly stops: readonly Stop[];
  /** Includes with a wildcard directly in `http { }`, in order: places for files of one's own. */
  readonly dropIns: readonly DropIn[];
}

interface DropIn {
  readonly pattern: string;
  readonly place: Place;
}

const MAX_FILES = 10_000;
const MAX_EFFECTIVE = 500_000;
const MAX_INCLUDES = 16;

/** Reads a configuration from its main file, as nginx would: relative includes start where the main file is. */
export function readNginxTree(main: string, source: ConfigSource, lua: LuaBlocks = 'stop'): NginxTree {
  return new Reader(main, source, lua).tree();
}

class Reader {
  readonly #main: string;
  readonly #source: ConfigSource;
  readonly #lua: LuaBlocks;
  readonly #parsed = new Map<string, readonly Directive[]>();
  readonly #texts = new Map<string, string>();
  readonly #stops = new Map<string, Stop>();
  readonly #dropIns: DropIn[] = [];
  #effective = 0;

  constructor(main: string, source: ConfigSource, lua: LuaBlocks) {
    this.#main = main;
    this.#source = source;
    this.#lua = lua;
  }

  tree(): NginxTree {
    const effective = this.#file(this.#main, { file: this.#main, line: 1 }, [], []);
    return {
      main: this.#main,
      effective,
      texts: this.#texts,
      stops: [...this.#stops.values()],
      dropIns: this.#dropIns,
    };
  }

  /** `open` are the files under way, `within` the names of the blocks around. */
  #file(path: string, from: Place, open: readonly string[], within: readonly string[]): readonly Effective[] {
    if (open.includes(path)) return this.#stopped(stop('cycle', from, path));
    if (open.length > MAX_INCLUDES) return this.#stopped(stop('too_deep', from, path));
    const directives = this.#parsed.get(path) ?? this.#parse(path, from);
    return directives === null ? notUnderstood(from) : this.#expand(directives, path, [...open, path], within);
  }

  #parse(path: string, from: Place): readonly Directive[] | null {
    if (this.#stops.has(path)) return null;
    if (this.#parsed.size >= MAX_FILES) return this.#none(path, stop('too_many', from, path));
    const read = this.#source.read(path);
    if ('code' in read) return this.#none(path, unread(read.code, path, from));
    const directives = parseNginx(path, read.text, this.#lua);
    if ('kind' in directives) return this.#none(path, directives);
    this.#texts.set(path, read.text);
    this.#parsed.set(path, directives);
    return directives;
  }

  #none(path: string, reason: Stop): null {
    this.#stops.set(path, reason);
    return null;
  }

  #stopped(reason: Stop): readonly Effective[] {
    this.#stops.set(`${reason.place.file}:${reason.place.line}`, reason);
    return notUnderstood(reason.place);
  }

  #expand(
    directives: readonly Directive[],
    file: string,
    open: readonly string[],
    within: readonly string[],
  ): readonly Effective[] {
    return directives.flatMap((source) => {
      this.#effective += 1;
      const place = { file, line: source.line };
      if (this.#effective > MAX_EFFECTIVE) return this.#stopped(stop('too_many', place));
      const { name, args, block } = source;
      if (name === 'include' && block === null && !isTable(within))
        return this.#include(args[0] ?? '', place, open, within);
      return [{ name, args, place, source, inner: this.#inner(block, file, open, [...within, name]) }];
    });
  }

  #inner(
    block: Block | null,
    file: string,
    open: readonly string[],
    within: readonly string[],
  ): readonly Effective[] | null {
    return block === null ? null : this.#expand(block.directives, file, open, within);
  }

  #include(written: string, place: Place, open: readonly string[], within: readonly string[]): readonly Effective[] {
    const text = Buffer.from(written, 'latin1').toString('utf8');
    const path = isAbsolute(text) ? text : join(dirname(this.#main), text);
    if (!isPattern(path)) return this.#file(path, place, open, within);
    if (within.length === 1 && within[0] === 'http') this.#dropIns.push({ pattern: path, place });
    return this.#source.list(path).flatMap((found) => this.#file(found, place, open, within));
  }
}

function notUnderstood(place: Place): readonly Effective[] {
  const source = { name: NOT_UNDERSTOOD, args: [], line: place.line, start: 0, end: 0, block: null };
  return [{ name: NOT_UNDERSTOOD, args: [], place, source, inner: null }];
}

function unread(code: string, path: string, from: Place): Stop {
  if (code === 'ENOENT') return stop('missing', from, path);
  if (code === 'EFBIG') return stop('too_large', { file: path, line: 1 });
  return stop('unreadable', { file: path, line: 1 }, code);
}

// In these, `include` brings rows of the same table, which say nothing about doors.
function isTable(within: readonly string[]): boolean {
  return TABLES.has(within.at(-1) ?? '');
}

const TABLES: ReadonlySet<string> = new Set(['map', 'geo', 'types', 'split_clients', 'charset_map']);
