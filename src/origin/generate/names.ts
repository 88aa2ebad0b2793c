import { createHash } from 'node:crypto';
import type { Hostname } from '../../domain/ids.ts';
import { type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import { covers, isWildcardName } from '../site.ts';

/** What tells one site, or one open name, from the others. */
interface Named {
  readonly hostnames: readonly [Hostname, ...Hostname[]];
}

/**
 * Eight hex digits for a site's variables: several generated configurations may run in one server, so they differ
 * with the names and with the sockets. Short, because nginx refuses variables of more than 46 characters by default.
 */
export function siteId({ hostnames }: Named, listen: readonly ListenAddress[]): string {
  return createHash('sha256')
    .update([...hostnames, ...listen.map(socketText)].join('\n'))
    .digest('hex')
    .slice(0, 8);
}

/** The same with the first hostname in front, for files and upstreams. Letters, digits and underscores. */
export function siteWord(site: Named, listen: readonly ListenAddress[]): string {
  const readable = site.hostnames[0].replace('*.', 'any.').replace(/[^a-z0-9]/g, '_');
  return `${readable.slice(0, 40)}_${siteId(site, listen)}`;
}

/**
 * The file in which a site logs who comes. It stays the same whatever else of a configuration changes: what reports callers
 * reads it, and would go on reading one that nobody writes any more.
 */
export function watchLogName(site: Named): string {
  return `postern-watch-${siteWord(site, [])}.log`;
}

/** One word for the whole configuration: several servers can run side by side. */
export function serverWord({ sites: [first, ...rest], listen }: OriginRequirement): string {
  const others = rest.flatMap(({ hostnames }) => hostnames);
  return siteWord({ hostnames: [...first.hostnames, ...others] }, listen);
}

/** The names of other sites and open names that a wildcard of this one covers: they are decided on elsewhere. */
export function namesElsewhere(own: readonly Hostname[], { sites, openNames }: OriginRequirement): readonly Hostname[] {
  const all = [...sites.flatMap(({ hostnames }) => hostnames), ...openNames.map((open) => open.hostname)];
  return all.filter((name) => !own.includes(name) && own.some((wildcard) => covers(wildcard, name)));
}

/**
 * A regular expression (PCRE) for exactly these names, less those that are decided on elsewhere. A wildcard stands for
 * one or more labels, as in nginx.
 */
export function namesPattern(hostnames: readonly Hostname[], elsewhere: readonly Hostname[] = []): string {
  const not = elsewhere.length === 0 ? '' : `(?!(?:${alternatives(elsewhere)})$)`;
  return `^${not}(?:${alternatives(hostnames)})$`;
}

/** Those first whose names a wildcard further down covers too. */
export function narrowFirst<T extends Named>(sites: readonly T[]): readonly T[] {
  return [...sites].sort((a, b) => width(a) - width(b));
}

// The fewer labels its wildcard has, the more a site covers.
function width({ hostnames }: Named): number {
  const labels = hostnames.filter(isWildcardName).map((name) => name.split('.').length);
  return labels.length === 0 ? Number.NEGATIVE_INFINITY : -Math.min(...labels);
}

/** Names between the bars of a regular expression. */
export function alternatives(hostnames: readonly Hostname[]): string {
  return hostnames
    .map((name) => (isWildcardName(name) ? `[a-z0-9_.-]+${escapeDots(name.slice(1))}` : escapeDots(name)))
    .join('|');
}

// A hostname holds letters, digits, '-', '_' and '.': only the dot means something in a pattern.
function escapeDots(name: string): string {
  return name.replaceAll('.', '\\.');
}
