import { type CaddyEffective, targetOf } from '../../server/caddy/hosts.ts';
import type { Handler, HeaderOperation, Matcher, MatcherSet, Route } from './model.ts';
import { namedMatcher } from './named-matcher.ts';

/** In which order Caddy sorts the directives of a site, whatever their order in the file. */
const ORDER = [
  'tracing',
  'map',
  'vars',
  'fs',
  'root',
  'log_append',
  'skip_log',
  'log_skip',
  'log_name',
  'header',
  'copy_response_headers',
  'request_body',
  'redir',
  'method',
  'rewrite',
  'uri',
  'try_files',
  'basicauth',
  'basic_auth',
  'forward_auth',
  'request_header',
  'encode',
  'push',
  'intercept',
  'templates',
  'invoke',
  'handle',
  'handle_path',
  'route',
  'abort',
  'error',
  'copy_response',
  'respond',
  'metrics',
  'reverse_proxy',
  'php_fastcgi',
  'file_server',
  'acme_server',
] as const;

/** The routes of a level of a Caddyfile. `sorted` is false in `route { }`, whose order is as written. */
export function siteRoutes(level: readonly CaddyEffective[], sorted = true): readonly Route[] {
  const named = new Map(
    level.filter(({ words }) => words[0]?.startsWith('@')).map((line) => [line.words[0] ?? '', line]),
  );
  const lines = level.filter(({ words }) => handlerKinds.has(words[0] ?? ''));
  const routes = lines.map((line) => ({ line, route: routeOf(line, named) }));
  return (sorted ? routes.toSorted(byOrder) : routes).map(({ route }) => route);
}

const handlerKinds: ReadonlySet<string> = new Set(ORDER);

interface Sortable {
  readonly line: CaddyEffective;
  readonly route: Route;
}

// Of one directive the longer path comes first, and what fits everything last.
function byOrder(a: Sortable, b: Sortable): number {
  const places = [a, b].map(({ line }) => (ORDER as readonly string[]).indexOf(rank(line.words[0] ?? '')));
  const [first = 0, second = 0] = places;
  if (first !== second) return first - second;
  const [long = 0, longer = 0] = [a, b].map(({ route }) => singlePath(route));
  if (long > 0 && longer > 0) return longer - long;
  return Number(a.route.sets.length === 0) - Number(b.route.sets.length === 0);
}

// These two are one group.
function rank(name: string): string {
  return name === 'handle_path' ? 'handle' : name;
}

function singlePath({ sets: [set] }: Route): number {
  const [only, second] = set ?? [];
  return only?.kind === 'path' && second === undefined && only.paths.length === 1
    ? (only.paths[0] ?? '').replace(/\*$/, '').length
    : 0;
}

function routeOf(line: CaddyEffective, named: ReadonlyMap<string, CaddyEffective>): Route {
  const { words, place } = line;
  const [name = '', first = ''] = words;
  const hasMatcher = /^[@/*]/.test(first) && !(name === 'root' && words.length === 2);
  const args = words.slice(hasMatcher ? 2 : 1);
  const isGrouped = name === 'handle' || name === 'handle_path';
  return {
    place,
    sets: hasMatcher ? setsOf(first, named) : [],
    group: isGrouped ? 'handle' : null,
    terminal: false,
    handlers: handlersOf(name, args, line),
  };
}

function setsOf(token: string, named: ReadonlyMap<string, CaddyEffective>): readonly MatcherSet[] {
  if (token === '*') return [];
  if (token.startsWith('/')) return [[{ kind: 'path', paths: [token] }]];
  const line = named.get(token);
  return line === undefined ? [[{ kind: 'unclear' }]] : [setIn(line.words.slice(1), line.inner)];
}

/** One matcher on the line itself, or one on each line of the block. */
function setIn(words: readonly string[], inner: readonly CaddyEffective[] | null): MatcherSet {
  if (words.length > 0) return [matcherOf(words, inner)];
  return (inner ?? []).map((line) => matcherOf(line.words, line.inner));
}

function matcherOf([name = '', ...words]: readonly string[], inner: readonly CaddyEffective[] | null): Matcher {
  // One line alone is an expression in back quotes.
  if (words.length === 0 && /[=({]/.test(name)) return { kind: 'expression', text: name };
  return namedMatcher(name, { words, sets: () => [setIn(words, inner)] });
}

function handlersOf(name: string, args: readonly string[], line: CaddyEffective): readonly Handler[] {
  const { place } = line;
  const inner = line.inner ?? [];
  switch (name) {
    case 'handle':
    case 'handle_path':
      return [{ kind: 'routes', routes: siteRoutes(inner) }];
    case 'route':
      return [{ kind: 'routes', routes: siteRoutes(inner, false) }];
    case 'reverse_proxy':
      return [{ kind: 'content', reaches: targetsIn(args, inner), place, headers: headersUp(inner) }];
    case 'php_fastcgi':
      // One process serves many sites: which, is said by the directory.
      return [
        {
          kind: 'content',
          reaches: targetsIn(args, inner).map((one) => `${one} `),
          place,
          headers: headersUp(inner),
        },
      ];
    case 'file_server': {
      const own = inner.findLast(({ words }) => words[0] === 'root')?.words[1];
      return [{ kind: 'content', reaches: [`files:${own ?? ''}`], place, headers: [] }];
    }
    case 'request_header':
      return [{ kind: 'headers', operations: [operationOf(args, place)] }];
    case 'root':
      return [{ kind: 'root', path: args.at(-1) ?? '' }];
    case 'redir':
      return [{ kind: 'redirect' }];
    case 'abort':
      return [{ kind: 'refusal', status: 0, isError: false, place }];
    case 'error':
      return [{ kind: 'refusal', status: statusIn(args) ?? 500, isError: true, place }];
    case 'respond':
      return [responded(args, line)];
    default:
      return [{ kind: 'other' }];
  }
}

function headersUp(inner: readonly CaddyEffective[]): readonly HeaderOperation[] {
  return inner
    .filter(({ words }) => words[0] === 'header_up')
    .map((line) => operationOf(line.words.slice(1), line.place));
}

/** `FIELD VALUE` sets, `+FIELD VALUE` adds, `-FIELD` takes away, and `FIELD FIND REPLACE` changes. */
function operationOf(
  [written = '', value = '', replacement]: readonly string[],
  place: HeaderOperation['place'],
): HeaderOperation {
  const field = written.replace(/^[+-]|:$/g, '');
  if (written.startsWith('+')) return { action: 'add', field, value, place };
  if (written.startsWith('-')) return { action: 'delete', field, value: '', place };
  return replacement === undefined
    ? { action: 'set', field, value, place }
    : { action: 'replace', field, value: replacement, place };
}

function targetsIn(args: readonly string[], inner: readonly CaddyEffective[]): readonly string[] {
  const more = inner.filter(({ words }) => words[0] === 'to').flatMap(({ words }) => words.slice(1));
  const dynamic = inner.some(({ words }) => words[0] === 'dynamic') ? ['variable:dynamic'] : [];
  return [...[...args, ...more].flatMap((text) => targetOf(text) ?? []), ...dynamic];
}

function statusIn(args: readonly string[]): number | null {
  const found = args.find((arg) => /^[1-5]\d\d$/.test(arg));
  return found === undefined ? null : Number(found);
}

function responded(args: readonly string[], { place, inner }: CaddyEffective): Handler {
  const text =
    args.find((arg) => !/^[1-5]\d\d$/.test(arg)) ?? inner?.find(({ words }) => words[0] === 'body')?.words[1];
  return answer(statusIn(args) ?? 200, text ?? '', place);
}

/** What a fixed answer is to a caller. */
export function answer(status: number, text: string, place: CaddyEffective['place']): Handler {
  if (status >= 300 && status < 400) return { kind: 'redirect' };
  return status >= 200 && status < 300 && status !== 204
    ? { kind: 'content', reaches: [`text:${text}`], place, headers: [] }
    : { kind: 'refusal', status, isError: false, place };
}
