import type { NginxHost } from '../../server/nginx/hosts.ts';
import { DEFAULT_ROOT, PASSES, passedTo, type Upstreams } from '../../server/nginx/reaches.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Place } from '../../server/place.ts';

/** Where a request can end in a server block: a location, or the block itself for paths that no location has. */
export interface Endpoint {
  readonly place: Place;
  /** As written behind `location`; empty for the block itself. */
  readonly path: string;
  readonly kind: 'exact' | 'prefix' | 'pattern' | 'named' | 'block';
  readonly internal: boolean;
  /** Levels from `http { }` inward; what one of them says of a setting replaces what those before it say. */
  readonly levels: readonly (readonly Effective[])[];
  readonly reaches: readonly string[];
  /** Asks a program or a cache instead of sending a file. */
  readonly hands: boolean;
}

/** All endpoints of a server block, in the order of the configuration. */
export function endpointsOf({ block, http, place }: NginxHost, upstreams: Upstreams): readonly Endpoint[] {
  const inner = block.inner ?? [];
  const levels = [http, inner];
  const locations = locationsIn(levels, upstreams);
  const own = {
    place,
    path: '',
    kind: 'block',
    internal: false,
    levels,
    reaches: reachesAt(levels, upstreams),
    hands: false,
  } as const;
  const everything = locations.some(({ path, kind }) => kind === 'prefix' && path === '/');
  const all = everything ? locations : [...locations, own];
  return all.map((one) => withFallback(one, all));
}

// `try_files` ends at another location of the same server block.
function withFallback(endpoint: Endpoint, all: readonly Endpoint[]): Endpoint {
  if (endpoint.hands) return endpoint;
  const target = inherited(endpoint.levels, 'try_files').at(-1)?.args.at(-1) ?? '';
  const next = target.startsWith('@')
    ? all.find(({ path, kind }) => kind === 'named' && path === target)
    : target.startsWith('/')
      ? endpointAt(target.replace(/\?.*$/s, ''), all)
      : null;
  if (next === null || next === undefined) return endpoint;
  return { ...endpoint, reaches: [...new Set([...endpoint.reaches, ...next.reaches])], hands: next.hands };
}

function locationsIn(levels: readonly (readonly Effective[])[], upstreams: Upstreams): readonly Endpoint[] {
  const here = levels.at(-1) ?? [];
  return here
    .filter(({ name }) => name === 'location')
    .flatMap(({ args, place, inner }) => {
      const within = [...levels, inner ?? []];
      const found: Endpoint = {
        place,
        ...pathOf(args),
        internal: (inner ?? []).some(({ name }) => name === 'internal'),
        levels: within,
        reaches: reachesAt(within, upstreams),
        hands: handles(inner ?? []),
      };
      return [found, ...locationsIn(within, upstreams)];
    });
}

function pathOf(args: readonly string[]): Pick<Endpoint, 'path' | 'kind'> {
  const [first = '', second] = args;
  if (second === undefined) {
    if (first.startsWith('@')) return { path: first, kind: 'named' };
    const joined = /^(=|\^~|~\*?)(.+)$/.exec(first);
    return joined === null ? { path: first, kind: 'prefix' } : pathOf([joined[1] ?? '', joined[2] ?? '']);
  }
  if (first === '=') return { path: second, kind: 'exact' };
  return { path: second, kind: first.startsWith('~') ? 'pattern' : 'prefix' };
}

const IN_BETWEEN: ReadonlySet<string> = new Set(['if', 'limit_except']);

/** The directives of a level, and of the conditions in it, without the locations below. */
export function* ownDirectives(level: readonly Effective[]): Iterable<Effective> {
  for (const one of level) {
    yield one;
    if (one.inner !== null && IN_BETWEEN.has(one.name)) yield* ownDirectives(one.inner);
  }
}

function handles(level: readonly Effective[]): boolean {
  return [...ownDirectives(level)].some(({ name }) => PASSES.has(name) || name.startsWith('content_by_lua'));
}

function reachesAt(levels: readonly (readonly Effective[])[], upstreams: Upstreams): readonly string[] {
  const own = [...ownDirectives(levels.at(-1) ?? [])];
  const root = inherited(levels, 'root').at(-1)?.args[0] ?? DEFAULT_ROOT;
  const handed = own.flatMap(({ name, args }) =>
    PASSES.has(name) ? passedTo(name, args[0] ?? '', root, upstreams) : [],
  );
  if (handed.length > 0) return [...new Set(handed)];
  if (own.some(({ name }) => NO_FILES.has(name) || name.startsWith('content_by_lua'))) return [];
  return [`files:${own.findLast(({ name }) => name === 'alias')?.args[0] ?? root}`.replace(/(?<=.)\/$/, '')];
}

const NO_FILES: ReadonlySet<string> = new Set(['empty_gif', 'stub_status', 'js_content', 'perl', 'api']);

/** The directives of a name that hold at the innermost level: any there replace all those above. */
export function inherited(
  levels: readonly (readonly Effective[])[],
  ...names: readonly string[]
): readonly Effective[] {
  for (const level of levels.toReversed()) {
    const found = level.filter(({ name }) => names.includes(name));
    if (found.length > 0) return found;
  }
  return [];
}

/** Paths that are let off on purpose: one alone, or those by which certificates are obtained (RFC 8555 §8.3). */
export function isExempt({ path, kind }: Endpoint): boolean {
  if (kind === 'exact') return path !== '/' && !path.startsWith('/index.');
  return kind !== 'named' && path.replace(/^\^/, '').replaceAll('\\', '').startsWith('/.well-known/');
}

/** The endpoint that answers for a path of its own server block. */
export function endpointAt(path: string, endpoints: readonly Endpoint[]): Endpoint | null {
  const exact = endpoints.find((one) => one.kind === 'exact' && one.path === path);
  if (exact !== undefined) return exact;
  const pattern = endpoints.find((one) => one.kind === 'pattern' && matches(one.path, path));
  if (pattern !== undefined) return pattern;
  const prefixes = endpoints.filter((one) => one.kind === 'prefix' && path.startsWith(one.path));
  const longest = prefixes.toSorted((a, b) => b.path.length - a.path.length)[0];
  return longest ?? endpoints.find(({ kind }) => kind === 'block') ?? null;
}

function matches(pattern: string, path: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(path);
  } catch {
    return false;
  }
}
