import type { ApacheEffective } from '../../server/apache/tree.ts';
import type { Caller } from '../caller.ts';
import { examplePath } from '../example-path.ts';
import { fits } from '../pattern.ts';
import { escaped } from '../text.ts';
import type { RuledPath } from '../gate.ts';
import type { ApacheSite } from './sites.ts';

/** Whether a path is the one that a directive speaks of, or below it. */
export function isWithinPath(path: string, prefix: string): boolean {
  if (!prefix.startsWith('/')) return false;
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** Whether a `<Location>` is meant for a path; null where that cannot be told, or the section is another. */
export function sectionFits({ name, args }: ApacheEffective, path: string): boolean | null {
  const [first = '', second] = args;
  if (name === 'locationmatch') return fits(first, path);
  if (name !== 'location') return null;
  if (first === '~') return fits(second ?? '', path);
  if (/[*?]/.test(first)) return fits(`^${escaped(first).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, path);
  return isWithinPath(path, first);
}

/** What stands together in one section, or beside all of them. */
export type Scope = readonly ApacheEffective[];

/**
 * The sections that a request for a path goes through, in the order in which Apache merges them: directories or proxies,
 * files, locations (https://httpd.apache.org/docs/2.4/sections.html). `<If>` is evaluated apart, in `conditionals`.
 */
export function scopesFor(
  site: ApacheSite,
  { path, method }: Pick<Caller, 'path' | 'method'>,
  content: readonly string[],
): readonly Scope[] {
  const all = [...site.above, ...site.level];
  const files = content.find((one) => one.startsWith('files:'))?.slice('files:'.length);
  const directories =
    files === undefined
      ? all.filter(({ name }) => name === 'proxy' || name === 'proxymatch')
      : directoriesOf(all, files);
  const inFiles = [...directories.flatMap(({ inner }) => inner ?? []), ...all].filter(isEveryFile);
  const locations = all.filter((one) => sectionFits(one, path) === true);
  return [...directories, ...inFiles, ...locations].map(({ inner }) => flat(inner ?? [], limited(method)));
}

function directoriesOf(all: readonly ApacheEffective[], files: string): readonly ApacheEffective[] {
  const directory = files.replace(/\/+$/, '');
  const plain = all.filter(({ name, args }) => {
    const [first = '', second] = args;
    if (name === 'directorymatch') return fits(first, `${directory}/`) === true;
    if (name !== 'directory') return false;
    if (first === '~') return fits(second ?? '', `${directory}/`) === true;
    if (/[*?[]/.test(first))
      return fits(`^${escaped(first).replaceAll('\\*', '[^/]*').replaceAll('\\?', '[^/]')}/?`, directory) === true;
    return isWithinPath(`${directory}/`, first.replace(/(?<=.)\/+$/, ''));
  });
  // The shortest first; those of one length as they come.
  return plain.toSorted((a, b) => (a.args[0] ?? '').length - (b.args[0] ?? '').length);
}

function isEveryFile({ name, args }: ApacheEffective): boolean {
  if (name === 'files') return args[0] === '*';
  return name === 'filesmatch' && fits(args[0] ?? '', 'index.html') === true && fits(args[0] ?? '', 'x') === true;
}

// HEAD is a GET to Apache, wherever methods are told apart.
function limited(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

/** What stands in a section for a method, whatever is wrapped around it by method. */
function flat(inner: Scope, method: string): Scope {
  return inner.flatMap((one) => {
    const isNamed = one.args.some((name) => name.toUpperCase() === method);
    if (one.name === 'limit') return isNamed ? flat(one.inner ?? [], method) : [];
    if (one.name === 'limitexcept') return isNamed ? [] : flat(one.inner ?? [], method);
    return [one];
  });
}

function pathsSpoken({ name, args, inner }: ApacheEffective): readonly string[] {
  const [first = '', second = ''] = args;
  const fitting = (pattern: string) => [examplePath(pattern.replace(/^!/, '')) ?? '/'].filter((path) => path !== '/');
  if (name === 'rewriterule') return fitting(first);
  if (name === 'rewritecond') return first.toUpperCase() === '%{REQUEST_URI}' ? fitting(second) : [];
  if (inner === null) return [];
  if (name === 'locationmatch') return fitting(first);
  if (name !== 'location') return [];
  if (first === '~') return fitting(second);
  return args.filter((arg) => arg.startsWith('/') && arg !== '/').map((arg) => arg.replaceAll(/[*?]/g, 'x'));
}

/** The paths that sections and rules speak of: where something else than at `/` may hold. */
export function pathsOf({ level, above }: ApacheSite): readonly RuledPath[] {
  const found = [...above, ...level].flatMap((one) =>
    pathsSpoken(one).map((path) => ({ path: path.replace(/(?<=.)\/+$/, ''), where: one.place })),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()];
}
