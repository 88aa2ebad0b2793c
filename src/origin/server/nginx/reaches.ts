import type { Effective } from './tree.ts';

/** Upstream blocks by name: the addresses of their servers. */
export type Upstreams = ReadonlyMap<string, readonly string[]>;

/** The `upstream` blocks of a level. */
export function upstreamsIn(level: readonly Effective[]): Upstreams {
  return new Map(
    level
      .filter(({ name }) => name === 'upstream')
      .map(({ args, inner }) => [
        (args[0] ?? '').toLowerCase(),
        (inner ?? []).filter(({ name }) => name === 'server').map(({ args: [address = ''] }) => target(address, 80)),
      ]),
  );
}

/** What a server block hands requests to. `above` is what it inherits from, `http { }`. */
export function reachesOf(
  server: readonly Effective[],
  above: readonly Effective[],
  upstreams: Upstreams,
): readonly string[] {
  // A return of the server itself comes before every location. One that refuses or redirects shows nothing.
  const ended = server.find(({ name }) => name === 'return');
  if (ended !== undefined) return /^2\d\d$/.test(ended.args[0] ?? '') ? [`text:${ended.args.slice(1).join(' ')}`] : [];
  const root = last(server, 'root') ?? last(above, 'root') ?? DEFAULT_ROOT;
  const found = new Set<string>();
  collect(server, root, upstreams, found);
  if (!hasRootLocation(server)) found.add(`files:${root}`);
  return [...found];
}

/** Where nginx looks for files when nobody says it. */
export const DEFAULT_ROOT = 'html';

function collect(level: readonly Effective[], root: string, upstreams: Upstreams, found: Set<string>): void {
  for (const { name, args, inner } of level) {
    if (PASSES.has(name)) for (const one of passedTo(name, args[0] ?? '', root, upstreams)) found.add(one);
    if (name === 'alias') found.add(`files:${args[0] ?? ''}`);
    if (inner === null || !CONTAINERS.has(name)) continue;
    const own = last(inner, 'root') ?? root;
    const hands = inner.some((one) => PASSES.has(one.name) || ENDS.has(one.name));
    if (name === 'location' && !hands) found.add(`files:${own}`);
    collect(inner, own, upstreams, found);
  }
}

const CONTAINERS: ReadonlySet<string> = new Set(['location', 'if', 'limit_except']);
const ENDS: ReadonlySet<string> = new Set(['return', 'deny', 'alias', 'empty_gif', 'stub_status', 'internal']);
/** Directives that hand a request to a program behind nginx. */
export const PASSES: ReadonlySet<string> = new Set([
  'proxy_pass',
  'fastcgi_pass',
  'uwsgi_pass',
  'scgi_pass',
  'grpc_pass',
  'memcached_pass',
]);

/** What such a directive hands requests to, under the root in force there. */
export function passedTo(name: string, text: string, root: string, upstreams: Upstreams): readonly string[] {
  const [, scheme = '', rest = ''] = /^(https?:\/\/|grpcs?:\/\/|uwsgi:\/\/|suwsgi:\/\/)?(.*)$/s.exec(text) ?? [];
  const host = rest.startsWith('unix:') ? rest.replace(/:[^/]*$/, '') : rest.replace(/[/?].*$/s, '');
  if (host.includes('$')) return [`variable:${host}`];
  const known = upstreams.get(host.toLowerCase());
  const targets = known ?? [target(host, scheme.startsWith('https') ? 443 : 80)];
  // One FastCGI process serves many sites: which, is said by the directory.
  return name === 'fastcgi_pass' ? targets.map((one) => `${one} ${root}`) : targets;
}

function target(address: string, port: number): string {
  if (address.startsWith('unix:')) return address;
  const text = address.toLowerCase().replace(/^localhost(?=:|$)/, '127.0.0.1');
  return /:\d+$/.test(text) ? `tcp:${text}` : `tcp:${text}:${port}`;
}

function hasRootLocation(server: readonly Effective[]): boolean {
  return server.some(({ name, args }) => name === 'location' && (args.at(-1) === '/' || args.at(-1) === '^~/'));
}

function last(level: readonly Effective[], wanted: string): string | undefined {
  return level.findLast(({ name }) => name === wanted)?.args[0];
}
