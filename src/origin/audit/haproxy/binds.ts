import { isAbsolute, join } from 'node:path';
import type { ConfigSource } from '../../server/config-source.ts';
import { listenersOf } from '../../server/haproxy/hosts.ts';
import { type HaproxyLine, parseHaproxy } from '../../server/haproxy/syntax.ts';
import type { Place } from '../../server/place.ts';
import type { Door } from '../gate.ts';
import { type Proxies, type ProxySection, wordsOf } from './proxies.ts';

/** Settings of a `bind`, by their words; those of a line of its list of certificates come in front. */
export type BindSettings = ReadonlyMap<string, string>;

/** A certificate with the names that it is for; the settings are those of its own line, over those of the bind. */
interface Listed {
  readonly settings: BindSettings;
  /** Names in the handshake; empty: those in the certificate. */
  readonly filters: readonly string[];
  readonly where: Place;
}

/** A `bind` and its sockets. */
export interface Bind {
  readonly proxy: ProxySection;
  readonly where: Place;
  readonly settings: BindSettings;
  readonly doors: readonly (Door & { readonly quic: boolean })[];
  /** Null where the list of certificates was not read. */
  readonly list: readonly Listed[] | null;
}

/** Words of a `bind` that stand alone; all others have a value behind them. */
const ALONE: ReadonlySet<string> = new Set(
  (
    'ssl strict-sni no-tls-tickets tls-tickets no-ca-names ca-names accept-proxy accept-netscaler-cip allow-0rtt defer-accept ' +
    'expose-fd force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 generate-certificates no-sslv3 no-tlsv10 ' +
    'no-tlsv11 no-tlsv12 no-tlsv13 prefer-client-ciphers quic-force-retry tfo transparent v4v6 v6only no-alpn no-strict-sni'
  ).split(' '),
);

/** The binds of frontends and listens. */
export function bindsOf(proxies: Proxies, source: ConfigSource): readonly Bind[] {
  const base = defaultSettings(proxies);
  return proxies.all
    .filter(({ kind }) => kind !== 'backend')
    .flatMap((proxy) =>
      proxy.lines
        .filter((line) => wordsOf(line)[0] === 'bind')
        .map((line) => bindOf(proxy, line, base, proxies, source)),
    );
}

function defaultSettings({ global }: Proxies): BindSettings {
  const lines = global.filter((line) => wordsOf(line)[0] === 'ssl-default-bind-options');
  return settingsIn(lines.flatMap((line) => wordsOf(line).slice(1)));
}

function bindOf(
  proxy: ProxySection,
  line: HaproxyLine,
  base: BindSettings,
  proxies: Proxies,
  source: ConfigSource,
): Bind {
  const words = wordsOf(line);
  const own = settingsIn(words.slice(2));
  const settings = own.has('ssl') ? new Map([...base, ...own]) : own;
  const where = { file: proxy.file, line: line.line };
  const listeners = listenersOf(line, proxy.file) ?? [];
  const doors = listeners
    .filter(({ family }) => family !== 'unix')
    .map((one) => ({ ...one, tls: settings.has('ssl') || one.quic }));
  const list = settings.get('crt-list');
  return { proxy, where, settings, doors, list: list === undefined ? [] : listIn(list, settings, proxies, source) };
}

function settingsIn(words: readonly string[]): BindSettings {
  const settings = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (ALONE.has(word)) settings.set(word.replace(/^no-(?=strict-sni)/, 'not-'), '');
    else {
      settings.set(word, words[at + 1] ?? '');
      at += 1;
    }
  }
  return settings;
}

/** A path as HAProxy takes it, below `crt-base` or `ca-base`. */
export function based(path: string, base: 'crt-base' | 'ca-base', { global }: Pick<Proxies, 'global'>): string {
  const found = global.findLast((line) => wordsOf(line)[0] === base);
  return isAbsolute(path) || found === undefined ? path : join(wordsOf(found)[1] ?? '', path);
}

const MAX_LISTED = 100_000;

/** `FILE [settings] names…`, one a line. */
function listIn(written: string, bind: BindSettings, proxies: Proxies, source: ConfigSource): readonly Listed[] | null {
  const file = based(written, 'crt-base', proxies);
  const read = source.read(file);
  if ('code' in read) return null;
  const lines = read.text.split('\n').slice(0, MAX_LISTED);
  return lines.flatMap((line, index): readonly Listed[] => {
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#')) return [];
    const [, crt = '', within = '', names = ''] = /^(\S+)(?:\s+\[([^\]]*)\])?(?:\s+(.*))?$/.exec(bare) ?? [];
    const own = settingsIn(quoted(within));
    const settings = new Map([...bind, ['crt', crt] as const, ...own]);
    return [
      {
        settings,
        filters: names.split(/\s+/).filter((name) => name !== '' && !name.startsWith('#')),
        where: { file, line: index + 1 },
      },
    ];
  });
}

// The same words and quotes as in the configuration itself.
function quoted(text: string): readonly string[] {
  const parsed = parseHaproxy('', `global\n ${text}\n`);
  if ('kind' in parsed) return text.split(/\s+/);
  return parsed.flatMap(({ lines }) => lines.flatMap(wordsOf));
}

/** What a handshake for a name meets: settings and where they stand; null where it is refused for its name. */
export interface Met {
  readonly settings: BindSettings;
  readonly where: Place;
}

/** Which certificate, with its settings, answers a name in the handshake. `namesIn` gives those of a certificate. */
export function metBy(bind: Bind, serverName: string | null, namesIn: (crt: string) => readonly string[]): Met | null {
  const { settings, where } = bind;
  const list = bind.list ?? [];
  const own: Met = { settings, where };
  const isStrict = settings.has('strict-sni');
  const first: Met = list[0] ?? own;
  if (serverName === null) return isStrict ? null : settings.has('crt') ? own : first;
  const named = list
    .map((one) => ({
      one,
      fit: fitOf(one.filters.length > 0 ? one.filters : namesIn(one.settings.get('crt') ?? ''), serverName),
    }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit);
  const [best] = named;
  if (best !== undefined) return best.one;
  // The names of the certificates that the bind itself has are the edge's to ask for.
  if (settings.has('crt')) return own;
  return isStrict ? null : first;
}

/** 2 for the very name, 1 for a wildcard above it, 0 for neither. */
function fitOf(filters: readonly string[], name: string): number {
  if (filters.includes(`!${name}`)) return 0;
  if (filters.includes(name)) return 2;
  return filters.includes(`*${name.slice(Math.max(0, name.indexOf('.')))}`) || filters.includes('*') ? 1 : 0;
}
