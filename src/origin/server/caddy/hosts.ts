import { dirname, isAbsolute, join } from 'node:path';
import { type ConfigSource, isPattern } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';
import type { Asks, Listener, VirtualHost } from '../virtual-host.ts';
import { type CaddyLine, parseCaddyfile } from './syntax.ts';

/** A line where it takes effect: imports are replaced by what they bring. */
export interface CaddyEffective {
  readonly words: readonly string[];
  readonly place: Place;
  readonly source: CaddyLine;
  readonly inner: readonly CaddyEffective[] | null;
}

/** A Caddyfile with its imports. */
export interface CaddyTree {
  readonly main: string;
  readonly effective: readonly CaddyEffective[];
  /** The lines of the main file itself. */
  readonly own: readonly CaddyLine[];
  readonly texts: ReadonlyMap<string, string>;
  readonly stops: readonly Stop[];
}

/** A site block. */
export interface CaddyHost extends VirtualHost {
  readonly block: CaddyEffective;
}

const MAX_IMPORTS = 16;
const MAX_EFFECTIVE = 200_000;

/** Reads a Caddyfile and what it imports. */
export function readCaddyTree(main: string, source: ConfigSource): CaddyTree {
  return new Reader(main, source).tree();
}

class Reader {
  readonly #main: string;
  readonly #source: ConfigSource;
  readonly #parsed = new Map<string, readonly CaddyLine[]>();
  readonly #texts = new Map<string, string>();
  readonly #stops: Stop[] = [];
  readonly #snippets = new Map<string, { readonly file: string; readonly lines: readonly CaddyLine[] }>();
  #effective = 0;

  constructor(main: string, source: ConfigSource) {
    this.#main = main;
    this.#source = source;
  }

  tree(): CaddyTree {
    const effective = this.#file(this.#main, { file: this.#main, line: 1 }, []);
    const own = this.#parsed.get(this.#main) ?? [];
    return { main: this.#main, effective, own, texts: this.#texts, stops: this.#stops };
  }

  #file(path: string, from: Place, open: readonly string[], given: readonly string[] = []): readonly CaddyEffective[] {
    if (open.includes(path)) return this.#stopped(stop('cycle', from, path));
    if (open.length > MAX_IMPORTS) return this.#stopped(stop('too_deep', from, path));
    const known = this.#parsed.get(path) ?? this.#parse(path, from);
    return known === null ? notUnderstood(from) : this.#expand(known, path, [...open, path], given);
  }

  #parse(path: string, from: Place): readonly CaddyLine[] | null {
    const read = this.#source.read(path);
    if ('code' in read) {
      this.#stops.push(read.code === 'ENOENT' ? stop('missing', from, path) : stop('unreadable', from, path));
      return null;
    }
    const lines = parseCaddyfile(path, read.text);
    if ('kind' in lines) {
      this.#stops.push(lines);
      return null;
    }
    this.#texts.set(path, read.text);
    this.#parsed.set(path, lines);
    return lines;
  }

  /** `given` is what the import said behind the name. */
  #expand(
    lines: readonly CaddyLine[],
    file: string,
    open: readonly string[],
    given: readonly string[] = [],
  ): readonly CaddyEffective[] {
    return lines.flatMap((source) => {
      this.#effective += 1;
      const place = { file, line: source.line };
      if (this.#effective > MAX_EFFECTIVE) return this.#stopped(stop('too_many', place));
      const { block } = source;
      const words = source.words.map((one) => withGiven(one, given));
      const [word = ''] = words;
      if (block !== null && /^&?\(.*\)$/.test(word)) {
        this.#snippets.set(word.replace(/^\(|\)$/g, ''), { file, lines: block.lines });
        return [];
      }
      if (word === 'import') return this.#import(words.slice(1), place, open);
      return [{ words, place, source, inner: block === null ? null : this.#expand(block.lines, file, open, given) }];
    });
  }

  #import([name = '', ...given]: readonly string[], place: Place, open: readonly string[]): readonly CaddyEffective[] {
    const snippet = this.#snippets.get(name);
    if (snippet !== undefined) {
      return open.length > MAX_IMPORTS
        ? this.#stopped(stop('too_deep', place, name))
        : this.#expand(snippet.lines, snippet.file, [...open, name], given);
    }
    if (name.includes('{')) return this.#stopped(stop('dynamic', place, name));
    const text = Buffer.from(name, 'latin1').toString('utf8');
    const path = isAbsolute(text) ? text : join(dirname(place.file), text);
    if (!isPattern(path)) return this.#file(path, place, open, given);
    return this.#source.list(path).flatMap((found) => this.#file(found, place, open, given));
  }

  #stopped(reason: Stop): readonly CaddyEffective[] {
    this.#stops.push(reason);
    return notUnderstood(reason.place);
  }
}

function withGiven(word: string, given: readonly string[]): string {
  return word.replace(/\{args(?:\.(\d{1,3})|\[(\d{1,3})\])\}/g, (whole, dotted?: string, indexed?: string) => {
    return given[Number(dotted ?? indexed)] ?? whole;
  });
}

/** The word of what stands for a file that was not understood. */
export const NOT_UNDERSTOOD = '(not understood)';

function notUnderstood(place: Place): readonly CaddyEffective[] {
  const source = { words: [NOT_UNDERSTOOD], line: place.line, start: 0, end: 0, block: null };
  return [{ words: source.words, place, source, inner: null }];
}

interface Globals {
  readonly http: number;
  readonly https: number;
  readonly bind: readonly string[];
}

/** The site blocks in the order of the files. */
export function caddyHosts({ effective }: CaddyTree): readonly CaddyHost[] {
  const options = effective
    .filter(({ words, inner }) => words.length === 0 && inner !== null)
    .flatMap(({ inner }) => inner ?? []);
  const option = (name: string) => options.findLast(({ words }) => words[0] === name)?.words.slice(1) ?? [];
  const globals = {
    http: Number(option('http_port')[0] ?? 80),
    https: Number(option('https_port')[0] ?? 443),
    bind: option('default_bind'),
  };
  return effective
    .filter(({ words, inner }) => words.length > 0 && inner !== null)
    .map((block) => hostOf(block, globals));
}

function hostOf(block: CaddyEffective, globals: Globals): CaddyHost {
  const inner = block.inner ?? [];
  const addresses = block.words.flatMap((word) => word.split(',')).filter((word) => word !== '');
  const tlsLines = inner.filter(({ words }) => words[0] === 'tls');
  const own = inner.filter(({ words }) => words[0] === 'bind').flatMap(({ words }) => words.slice(1));
  const bound = own.length > 0 ? own : globals.bind;
  const spoken = addresses.map((text) => spokenAddress(text, globals, tlsLines.length > 0));
  const listeners = spoken.flatMap((one) => (one === null ? [] : listenersAt(one, bound, block.place)));
  const client = tlsLines.flatMap((line) => line.inner ?? []).filter(({ words }) => words[0] === 'client_auth');
  return {
    place: block.place,
    block,
    names: spoken.flatMap((one) => (one === null || one.host === '' ? [] : [one.host])),
    listeners: [...new Map(listeners.map((one) => [`${one.host} ${one.port}`, one])).values()],
    reaches: reachesOf(inner),
    asks: asksOf(client),
    trusts: null,
    unclear: spoken.includes(null) ? block.place : unclearIn(inner),
  };
}

interface Spoken {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

function spokenAddress(text: string, { http, https }: Globals, hasTls: boolean): Spoken | null {
  const groups = /^(?:(?<scheme>https?):\/\/)?(?<host>[^:/{}]*)(?::(?<port>\d{1,5}))?$/.exec(
    text.toLowerCase(),
  )?.groups;
  if (groups === undefined) return null;
  const { scheme, host = '', port } = groups;
  const number = port === undefined ? (scheme === 'http' ? http : https) : Number(port);
  const tls =
    scheme === 'https' || (scheme === undefined && number !== http && (hasTls || host !== '' || number === https));
  return { host, port: number, tls };
}

function listenersAt({ port, tls }: Spoken, bound: readonly string[], place: Place): readonly Listener[] {
  const common = { port, tls, isDefault: false, quic: false, proxied: false, place };
  if (bound.length === 0) return [{ ...common, host: '*', family: 'both' }];
  return bound.map((text) => {
    const host = text.replace(/^\[|\]$/g, '');
    if (host.startsWith('unix/')) return { ...common, host: host.slice('unix/'.length), family: 'unix' as const };
    if (host === '0.0.0.0') return { ...common, host: '*', family: 4 as const };
    return { ...common, host, family: host.includes(':') ? (6 as const) : (4 as const) };
  });
}

function asksOf(client: readonly CaddyEffective[]): Asks {
  if (client.length === 0) return 'nothing';
  const mode = client.flatMap(({ inner }) => inner ?? []).findLast(({ words }) => words[0] === 'mode')?.words[1];
  return mode === undefined || mode === 'require_and_verify' ? 'required' : 'optional';
}

function unclearIn(level: readonly CaddyEffective[]): Place | null {
  for (const { words, place, inner } of level) {
    if (words[0] === NOT_UNDERSTOOD) return place;
    const deeper = inner === null ? null : unclearIn(inner);
    if (deeper !== null) return deeper;
  }
  return null;
}

function reachesOf(level: readonly CaddyEffective[]): readonly string[] {
  const found = new Set<string>();
  for (const { words, inner } of everyLine(level)) {
    const [name = '', ...rest] = words;
    if (name === 'root') found.add(`files:${rest.at(-1) ?? ''}`);
    if (!/^(?:reverse_proxy|php_fastcgi)$/.test(name)) continue;
    const more = (inner ?? []).filter((line) => line.words[0] === 'to').flatMap((line) => line.words.slice(1));
    for (const text of [...rest, ...more]) {
      const target = targetOf(text);
      if (target !== null) found.add(target);
    }
  }
  return [...found];
}

function* everyLine(level: readonly CaddyEffective[]): Iterable<CaddyEffective> {
  for (const one of level) {
    yield one;
    if (one.inner !== null) yield* everyLine(one.inner);
  }
}

/** What an address behind `reverse_proxy` stands for; `null` for a matcher. */
export function targetOf(text: string): string | null {
  // Matchers stand before the addresses.
  if (/^[/@*]/.test(text)) return null;
  if (text.includes('{')) return `variable:${text}`;
  if (text.startsWith('unix/')) return `unix:${text.slice('unix/'.length)}`;
  const host = text
    .replace(/^(?:https?|h2c):\/\//, '')
    .toLowerCase()
    .replace(/^localhost(?=:|$)/, '127.0.0.1')
    .replace(/^:/, '127.0.0.1:');
  return /:\d+$/.test(host) ? `tcp:${host}` : `tcp:${host}:80`;
}

/** The site that answers for a name on a socket: the exact name, a wildcard, or the one for every name. */
export function caddyHostServing(
  hosts: readonly CaddyHost[],
  name: string,
  socket: Listener,
): { readonly host: CaddyHost; readonly claimed: boolean } | null {
  const there = hosts.filter(({ listeners }) =>
    listeners.some((one) => one.host === socket.host && one.port === socket.port),
  );
  const wildcard = `*.${name.replace(/^[^.]*\./, '')}`;
  const claiming =
    there.find(({ names }) => names.includes(name)) ?? there.find(({ names }) => names.includes(wildcard));
  if (claiming !== undefined) return { host: claiming, claimed: true };
  const every = there.find(({ names }) => names.length === 0);
  return every === undefined ? null : { host: every, claimed: false };
}
