import { isAbsolute, join } from 'node:path';
import { type ConfigSource, isPattern } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';
import type { ServerVersion } from '../../server-version.ts';
import { versionHolds } from './if-version.ts';
import { type ApacheMacro, macroLines } from './macro.ts';
import { type ApacheDirective, type ApacheSection, parseApache, parseApacheLines } from './syntax.ts';

/** A directive where it takes effect: includes and conditions are replaced by what they bring. */
export interface ApacheEffective {
  readonly name: string;
  /** With `${NAME}` replaced. */
  readonly args: readonly string[];
  readonly place: Place;
  readonly source: ApacheDirective;
  readonly inner: readonly ApacheEffective[] | null;
}

/** A whole configuration: what takes effect, and the text of every file. */
export interface ApacheTree {
  readonly main: string;
  readonly effective: readonly ApacheEffective[];
  readonly texts: ReadonlyMap<string, string>;
  readonly stops: readonly Stop[];
  /** Names of the modules that are loaded, such as `ssl_module`. */
  readonly modules: ReadonlySet<string>;
  /** Names that conditions ask for and nobody defined: taken for not given. */
  readonly undefinedNames: ReadonlySet<string>;
  /** Conditions that do not hold, with what they keep from taking effect. */
  readonly skipped: readonly SkippedSection[];
}

/** A section whose condition does not hold. */
export interface SkippedSection {
  /** `<IfModule mod_ssl.c>` is `ifmodule` and `mod_ssl.c`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly place: Place;
  readonly directives: readonly ApacheDirective[];
}

/** What Apache knows before it reads a file. */
export interface ApacheStart {
  readonly main: string;
  /** Where relative paths start; a `ServerRoot` replaces it. */
  readonly root: string;
  /** Compiled in, such as `core.c`. */
  readonly modules: readonly string[];
  /** `-D NAME`. */
  readonly defines: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Read to be understood and never to be edited: macros are put in, and conditions on the version are decided. */
  readonly audit?: ApacheAudit;
}

interface ApacheAudit {
  readonly version: ServerVersion;
  /** Which modules are loaded is said elsewhere: those that conditions ask for are taken for loaded. */
  readonly allModules: boolean;
}

const MAX_FILES = 10_000;
const MAX_EFFECTIVE = 500_000;
const MAX_INCLUDES = 16;
const MAX_USES = 16;
const MAX_ALL_USES = 10_000;

/** The name of what stands for something that was not understood. */
export const NOT_UNDERSTOOD = '(not understood)';

/** Reads a configuration from its main file, in the order in which Apache does. */
export function readApacheTree(start: ApacheStart, source: ConfigSource): ApacheTree {
  return new Reader(start, source).tree();
}

class Reader {
  readonly #start: ApacheStart;
  readonly #source: ConfigSource;
  readonly #parsed = new Map<string, readonly ApacheDirective[] | Stop>();
  readonly #texts = new Map<string, string>();
  readonly #stops: Stop[] = [];
  readonly #modules: Set<string>;
  readonly #defines: Set<string>;
  readonly #variables: Map<string, string>;
  readonly #undefinedNames = new Set<string>();
  readonly #skipped: SkippedSection[] = [];
  readonly #macros = new Map<string, ApacheMacro>();
  #root: string;
  #effective = 0;
  #uses = 0;
  #allUses = 0;

  constructor(start: ApacheStart, source: ConfigSource) {
    this.#start = start;
    this.#source = source;
    this.#root = start.root;
    this.#modules = new Set(start.modules);
    this.#defines = new Set(start.defines);
    this.#variables = new Map(Object.entries(start.environment));
  }

  tree(): ApacheTree {
    const { main } = this.#start;
    const effective = this.#file(main, { file: main, line: 1 }, []);
    return {
      main,
      effective,
      texts: this.#texts,
      stops: this.#stops,
      modules: this.#modules,
      undefinedNames: this.#undefinedNames,
      skipped: this.#skipped,
    };
  }

  #file(path: string, from: Place, open: readonly string[]): readonly ApacheEffective[] {
    if (open.includes(path)) return this.#stopped(stop('cycle', from, path));
    if (open.length > MAX_INCLUDES) return this.#stopped(stop('too_deep', from, path));
    const known = this.#parsed.get(path);
    const directives = known ?? this.#parse(path, from);
    this.#parsed.set(path, directives);
    if ('kind' in directives) return known === undefined ? this.#stopped(directives) : notUnderstood(from);
    return this.#expand(directives, path, [...open, path]);
  }

  #parse(path: string, from: Place): readonly ApacheDirective[] | Stop {
    if (this.#parsed.size >= MAX_FILES) return stop('too_many', from, path);
    const read = this.#source.read(path);
    if ('code' in read) return unread(read.code, path, from);
    this.#texts.set(path, read.text);
    return parseApache(path, read.text, this.#start.audit === undefined ? 'refused' : 'read');
  }

  #stopped(reason: Stop): readonly ApacheEffective[] {
    this.#stops.push(reason);
    return notUnderstood(reason.place);
  }

  #expand(directives: readonly ApacheDirective[], file: string, open: readonly string[]): readonly ApacheEffective[] {
    return directives.flatMap((source) => {
      this.#effective += 1;
      const place = { file, line: source.line };
      if (this.#effective > MAX_EFFECTIVE) return this.#stopped(stop('too_many', place));
      const args = source.args.map((arg) => this.#replaced(arg));
      const { name, section } = source;
      if (section !== null) return this.#section({ name, args, place, source, inner: null }, section, open);
      if (name === 'include' || name === 'includeoptional') return this.#include(args[0] ?? '', name, place, open);
      if (source.body !== undefined) return this.#macro({ name, args, place, source, inner: null }, source.body);
      if (name === 'use') return this.#use(args, place, open);
      this.#note(name, args);
      return [{ name, args, place, source, inner: null }];
    });
  }

  // Where it stands, it does nothing but to ask for the module that knows it.
  #macro(found: ApacheEffective, lines: ApacheMacro['lines']): readonly ApacheEffective[] {
    const [name = '', ...params] = found.args;
    this.#macros.set(name.toLowerCase(), { params, lines, file: found.place.file });
    return [found];
  }

  // What a macro holds is parsed where it is used: its arguments may be names of directives and parts of sections.
  #use([name = '', ...values]: readonly string[], place: Place, open: readonly string[]): readonly ApacheEffective[] {
    const macro = this.#macros.get(name.toLowerCase());
    if (macro === undefined || macro.params.length !== values.length)
      return this.#stopped(stop('dynamic', place, 'Use'));
    this.#allUses += 1;
    if (this.#uses >= MAX_USES || this.#allUses > MAX_ALL_USES) return this.#stopped(stop('too_deep', place, 'Use'));
    const directives = parseApacheLines(macro.file, macroLines(macro, values), 'read');
    if ('kind' in directives) return this.#stopped(directives);
    this.#uses += 1;
    const found = this.#expand(directives, macro.file, open);
    this.#uses -= 1;
    return found;
  }

  #note(name: string, args: readonly string[]): void {
    const [first = '', second] = args;
    if (name === 'loadmodule') this.#modules.add(first).add(sourceName(second ?? ''));
    if (name === 'serverroot') this.#root = first;
    if (name === 'undefine') this.#defines.delete(first);
    if (name === 'undefmacro') this.#macros.delete(first.toLowerCase());
    if (name !== 'define') return;
    this.#defines.add(first);
    if (second !== undefined) this.#variables.set(first, second);
  }

  #section(found: ApacheEffective, { directives }: ApacheSection, open: readonly string[]): readonly ApacheEffective[] {
    const holds = this.#holds(found);
    if (holds === false) {
      this.#skipped.push({ name: found.name, args: found.args, place: found.place, directives });
      return [];
    }
    const inner = this.#expand(directives, found.place.file, open);
    // A condition is as if it were not there; another section keeps what it holds.
    return holds === true ? inner : [{ ...found, inner }];
  }

  /** Whether a condition holds; `null` where the section is none. */
  #holds({ name, args, place }: ApacheEffective): boolean | null {
    const [word = ''] = args;
    const no = word.startsWith('!');
    const what = no ? word.slice(1) : word;
    switch (name) {
      case 'ifmodule':
        return (this.#start.audit?.allModules === true || this.#modules.has(what)) !== no;
      case 'ifdefine':
        if (!this.#defines.has(what)) this.#undefinedNames.add(what);
        return this.#defines.has(what) !== no;
      case 'iffile':
        return this.#source.list(this.#path(what)).length > 0 !== no;
      // Versions and directives are rarely asked for anything that says who gets in: both sides are read.
      case 'ifversion': {
        const { audit } = this.#start;
        const decided = audit === undefined ? null : versionHolds(args, audit.version);
        if (decided === null) this.#stops.push(stop('unknown_section', place, name));
        return decided ?? true;
      }
      case 'ifdirective':
      case 'ifsection':
        if (this.#start.audit !== undefined && !no) return true;
        this.#stops.push(stop('unknown_section', place, name));
        return true;
      default:
        return null;
    }
  }

  #include(text: string, name: string, place: Place, open: readonly string[]): readonly ApacheEffective[] {
    if (text.includes('${')) return this.#stopped(stop('dynamic', place, text));
    const path = this.#path(text);
    if (isPattern(path)) return this.#source.list(path).flatMap((found) => this.#included(found, place, open));
    if (name === 'includeoptional' && this.#source.list(path).length === 0) return [];
    return this.#included(path, place, open);
  }

  // A directory stands for all files below it.
  #included(path: string, place: Place, open: readonly string[]): readonly ApacheEffective[] {
    if (!this.#source.isDirectory(path)) return this.#file(path, place, open);
    if (path.split('/').length > MAX_DIRECTORIES) return this.#stopped(stop('too_deep', place, path));
    return this.#source.list(`${path}/*`).flatMap((found) => this.#included(found, place, open));
  }

  #path(written: string): string {
    const text = Buffer.from(written, 'latin1')
      .toString('utf8')
      .replace(/(?<=.)\/+$/, '');
    return isAbsolute(text) ? text : join(this.#root, text);
  }

  #replaced(arg: string): string {
    return arg.replace(/\$\{([^}]+)\}/g, (whole, name: string) => this.#variables.get(name) ?? whole);
  }
}

const MAX_DIRECTORIES = 64;

/** `mod_ssl.c` of `/usr/lib/apache2/modules/mod_ssl.so`. */
function sourceName(path: string): string {
  return `${path.slice(path.lastIndexOf('/') + 1).replace(/\.so$/, '')}.c`;
}

function unread(code: string, path: string, from: Place): Stop {
  if (code === 'ENOENT') return stop('missing', from, path);
  if (code === 'EFBIG') return stop('too_large', { file: path, line: 1 });
  return stop('unreadable', { file: path, line: 1 }, code);
}

function notUnderstood(place: Place): readonly ApacheEffective[] {
  const source = { name: NOT_UNDERSTOOD, args: [], rest: '', line: place.line, start: 0, end: 0, section: null };
  return [{ name: NOT_UNDERSTOOD, args: [], place, source, inner: null }];
}
