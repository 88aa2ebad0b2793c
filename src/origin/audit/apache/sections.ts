import type { ApacheEffective } from '../../server/apache/tree.ts';
import { fits } from '../pattern.ts';
import { escaped } from '../text.ts';
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
export function scopesFor(site: ApacheSite, path: string, content: readonly string[]): readonly Scope[] {
  const all = [...site.above, ...site.level];
  const files = content.find((one) => one.startsWith('files:'))?.slice('files:'.length);
  const directories =
    files === undefined
      ? all.filter(({ name }) => name === 'proxy' || name === 'proxymatch')
      : directoriesOf(all, files);
  const inFiles = [...directories.flatMap(({ inner }) => inner ?? []), ...all].filter(isEveryFile);
  const locations = all.filter((one) => sectionFits(one, path) === true);
  return [...directories, ...inFiles, ...locations].map(({ inner }) => flat(inner ?? []));
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

/** What stands in a section for a GET, whatever is wrapped around it by method. */
function flat(inner: Scope): Scope {
  return inner.flatMap((one) => {
    const named = one.args.map((method) => method.toUpperCase());
    if (one.name === 'limit') return named.includes('GET') ? flat(one.inner ?? []) : [];
    if (one.name === 'limitexcept') return named.includes('GET') ? [] : flat(one.inner ?? []);
    return [one];
  });
}

/** The paths that sections and rules speak of: where something else than at `/` may hold. */
export function pathsOf({ level, above }: ApacheSite): readonly string[] {
  const found = [...above, ...level].flatMap(({ name, args, inner }) => {
    if (name !== 'location' || inner === null) return [];
    return args.filter((arg) => arg.startsWith('/') && arg !== '/' && !/[*?[]/.test(arg));
  });
  return [...new Set(found.map((path) => path.replace(/(?<=.)\/+$/, '')))];
}
