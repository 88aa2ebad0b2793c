import { isIPv4, isIPv6 } from 'node:net';
import { hostnamePattern } from '../../../domain/ids.ts';
import type { ConfigSource } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';
import type { Asks, Listener, VirtualHost } from '../virtual-host.ts';
import { type HaproxyLine, type HaproxySection, parseHaproxy } from './syntax.ts';

/** The files of a HAProxy, read. */
export interface HaproxyTree {
  readonly sections: readonly (HaproxySection & { readonly file: string })[];
  readonly texts: ReadonlyMap<string, string>;
  readonly stops: readonly Stop[];
}

/** A `frontend` or `listen`: all names on its sockets share what it asks of callers. */
export interface HaproxyHost extends VirtualHost {
  readonly file: string;
  readonly binds: readonly HaproxyLine[];
}

/** Reads the files of `-f`, in order; a directory stands for its `.cfg` files. */
export function readHaproxyTree(files: readonly string[], source: ConfigSource): HaproxyTree {
  const texts = new Map<string, string>();
  const stops: Stop[] = [];
  const all = files.flatMap((path) => (source.isDirectory(path) ? source.list(`${path}/*.cfg`) : [path]));
  const sections = all.flatMap((file) => {
    const read = source.read(file);
    const place = { file, line: 1 };
    const parsed = 'code' in read ? stop('unreadable', place, read.code) : parseHaproxy(file, read.text);
    if ('text' in read) texts.set(file, read.text);
    if (!('kind' in parsed)) return parsed.map((section) => ({ ...section, file }));
    stops.push(parsed);
    return [];
  });
  return { sections, texts, stops };
}

/** The frontends in the order of the files. */
export function haproxyHosts({ sections }: HaproxyTree): readonly HaproxyHost[] {
  const backends = new Map(sections.filter(({ kind }) => kind === 'backend').map((section) => [section.name, section]));
  return sections.flatMap((section, index) => {
    if (section.kind !== 'frontend' && section.kind !== 'listen') return [];
    const binds = section.lines.filter((line) => first(line) === 'bind');
    if (binds.length === 0) return [];
    const place = { file: section.file, line: section.head.line };
    const found = binds.map((bind) => listenersOf(bind, section.file));
    return [
      {
        place,
        file: section.file,
        binds,
        names: namesIn(section),
        listeners: found.flatMap((listeners) => listeners ?? []),
        reaches: reachesOf(section, backends),
        asks: asksOf(binds),
        trusts: null,
        unclear: unclearIn(section, sections.slice(0, index), found),
      },
    ];
  });
}

// The weakest of its sockets decides.
function asksOf(binds: readonly HaproxyLine[]): Asks {
  const said = binds
    .map(({ words }) => words.map(({ text }) => text))
    .filter((words) => words.includes('ssl'))
    .map((words) => words[words.indexOf('verify') + 1]);
  if (said.length === 0 || said.some((word) => word !== 'required' && word !== 'optional')) return 'nothing';
  return said.includes('optional') ? 'optional' : 'required';
}

function first({ words }: HaproxyLine): string {
  return words[0]?.text ?? '';
}

/** The sockets of a `bind`, or `null` where they are not known beforehand. */
export function listenersOf({ words, line }: HaproxyLine, file: string): readonly Listener[] | null {
  const [, address = '', ...rest] = words.map(({ text }) => text);
  const has = (word: string) => rest.includes(word);
  const common = { tls: has('ssl'), isDefault: true, quic: false, proxied: has('accept-proxy'), place: { file, line } };
  const found = address.split(',').map((text): Listener | null => {
    const where = whereabouts(text);
    return where === null ? null : { ...common, ...where };
  });
  const known = found.filter((one) => one !== null);
  return known.length === found.length ? known : null;
}

type Whereabouts = Pick<Listener, 'host' | 'port' | 'family'> & { readonly quic?: boolean };

function whereabouts(text: string): Whereabouts | null {
  if (/^(?:unix@|\/)/.test(text)) return { host: text.replace(/^unix@/, ''), port: 0, family: 'unix' };
  const quic = /^quic[46]@.*?:(\d{1,5})$/.exec(text)?.[1];
  if (quic !== undefined) return { host: '*', port: Number(quic), family: 'both', quic: true };
  const [, kind = '', host = '', port = ''] = /^(?:(ipv4|ipv6)@)?\[?(.*?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (port === '') return null;
  const number = Number(port);
  if (host === '' || host === '*')
    return { host: kind === 'ipv6' ? '::' : '*', port: number, family: kind === 'ipv6' ? 6 : 4 };
  if (isIPv4(host)) return { host: host === '0.0.0.0' ? '*' : host, port: number, family: 4 };
  return isIPv6(host) ? { host: host.toLowerCase(), port: number, family: 6 } : null;
}

function unclearIn(
  section: HaproxySection & { readonly file: string },
  before: readonly HaproxySection[],
  found: readonly (readonly Listener[] | null)[],
): Place | null {
  const at = (line: HaproxyLine) => ({ file: section.file, line: line.line });
  const unknown = section.lines.filter((line) => first(line) === 'bind')[found.indexOf(null)];
  if (unknown !== undefined) return at(unknown);
  // Each line of such a list may say for itself what is asked of callers.
  const list = section.lines.find(
    (line) => first(line) === 'bind' && line.words.some(({ text }) => text === 'crt-list'),
  );
  if (list !== undefined) return at(list);
  const from = section.head.words.at(-2)?.text === 'from' ? section.head.words.at(-1)?.text : undefined;
  const defaults = before.findLast(({ kind, name }) => kind === 'defaults' && (from === undefined || name === from));
  const mode = modeOf(section.lines) ?? modeOf(defaults?.lines ?? []);
  return mode?.words[1]?.text === 'http' ? null : at(section.head);
}

function modeOf(lines: readonly HaproxyLine[]): HaproxyLine | undefined {
  return lines.findLast((line) => first(line) === 'mode');
}

/** The names that conditions on Host or SNI speak of: HAProxy has no other list of them. */
function namesIn({ lines }: HaproxySection): readonly string[] {
  const asking = lines.filter(({ words }) =>
    words.some(({ text }) => /hdr(?:_dom|_end|_beg|_reg)?\(host|ssl_fc_sni/i.test(text)),
  );
  const texts = asking.flatMap(({ words }) => words.map(({ text }) => text.toLowerCase()));
  const names = texts.filter((text) => text.includes('.') && !isIPv4(text) && hostnamePattern(text) !== null);
  return [...new Set(names)];
}

function reachesOf(section: HaproxySection, backends: ReadonlyMap<string, HaproxySection>): readonly string[] {
  const used = section.lines.flatMap((line) =>
    /^(?:use_backend|default_backend)$/.test(first(line)) ? [line.words[1]?.text ?? ''] : [],
  );
  const targets = used.flatMap((name) => {
    if (name.includes('%[')) return [`variable:${name}`];
    const backend = backends.get(name);
    return backend === undefined ? [] : serversOf(backend);
  });
  return [...new Set([...serversOf(section), ...targets])];
}

/** What the servers of a section are: `tcp:HOST:PORT` or `unix:PATH`. */
export function serversOf({ lines }: Pick<HaproxySection, 'lines'>): readonly string[] {
  return lines
    .filter((line) => first(line) === 'server')
    .map(({ words }) => {
      const address = (words[2]?.text ?? '')
        .toLowerCase()
        .replace(/^ipv[46]@/, '')
        .replace(/^localhost(?=:|$)/, '127.0.0.1');
      if (/^(?:unix@|\/)/.test(address)) return `unix:${address.replace(/^unix@/, '')}`;
      return /:\d+$/.test(address) ? `tcp:${address}` : `tcp:${address}:80`;
    });
}
