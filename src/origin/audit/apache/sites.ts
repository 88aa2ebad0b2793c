import { type ApacheHost, apacheHosts, hostAndPort, lastOf, listened } from '../../server/apache/hosts.ts';
import { apacheClaims } from '../../server/apache/serves.ts';
import type { ApacheEffective, ApacheTree } from '../../server/apache/tree.ts';
import type { Place } from '../../server/place.ts';
import { type Listener, uniqueSockets } from '../../server/virtual-host.ts';
import type { Door } from '../gate.ts';

/** What answers: a virtual host, or the server outside of all of them. */
export interface ApacheSite {
  readonly place: Place;
  readonly names: readonly string[];
  readonly level: readonly ApacheEffective[];
  /** What it takes over where it says nothing itself. */
  readonly above: readonly ApacheEffective[];
  readonly host: ApacheHost | null;
  /** A part of it was not read. */
  readonly unclear: Place | null;
}

/** The sites of a configuration, and the sockets at which they are reached. */
export interface ApacheSites {
  readonly sites: readonly ApacheSite[];
  readonly main: ApacheSite;
  readonly doors: readonly Door[];
}

/** The sites in the order in which Apache meets them. */
export function apacheSites(tree: ApacheTree): ApacheSites {
  const above = tree.effective.filter(({ name }) => name !== 'virtualhost');
  const hosts = apacheHosts(withListens(tree));
  const inherited = lastOf(above, 'servername')?.args.slice(0, 1).map(plainName) ?? [];
  const sites = hosts.map((host): ApacheSite => {
    const { place, names, block, unclear } = host;
    const own = block.inner?.some(({ name }) => name === 'servername') === true ? [] : inherited;
    return { place, names: [...own, ...names], level: block.inner ?? [], above, host, unclear };
  });
  const place = above[0]?.place ?? { file: tree.main, line: 1 };
  const main: ApacheSite = { place, names: inherited, level: [], above, host: null, unclear: null };
  const sockets = uniqueSockets([
    ...tree.effective.filter(({ name }) => name === 'listen').flatMap(listened),
    ...hosts.flatMap(({ listeners }) => listeners),
  ]);
  const found = { sites, main, doors: [] };
  const doors = sockets.map((socket) => ({ ...socket, tls: speaksTls(siteFor(found, null, socket)) }));
  return { ...found, doors };
}

function plainName(text: string): string {
  return text
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '');
}

// A file that is included elsewhere says in its virtual hosts where the server listens.
function withListens(tree: ApacheTree): ApacheTree {
  if (tree.effective.some(({ name }) => name === 'listen')) return tree;
  const made = tree.effective
    .filter(({ name }) => name === 'virtualhost')
    .flatMap((block) => block.args.map((address) => ({ ...block, name: 'listen', args: [address], inner: null })));
  return { ...tree, effective: [...made, ...tree.effective] };
}

/** The last word on a setting: the site's own, or the server's. */
export function setting({ level, above }: ApacheSite, name: string): ApacheEffective | undefined {
  return lastOf(level, name) ?? lastOf(above, name);
}

/** The value of a setting, in lower case. */
export function settingValue(site: ApacheSite, name: string): string | null {
  return setting(site, name)?.args[0]?.toLowerCase() ?? null;
}

/** Whether a site speaks TLS. */
function speaksTls(site: ApacheSite): boolean {
  return settingValue(site, 'sslengine') === 'on';
}

/** The sites among which the name decides at a socket: those for its address, or else those for all addresses. */
function sitesAt({ sites, main }: Pick<ApacheSites, 'sites' | 'main'>, door: Listener | Door): readonly ApacheSite[] {
  const addressed = (exact: boolean) =>
    sites.filter(({ host }) =>
      host?.addresses.some((text) => {
        const { host: address, port } = hostAndPort(text);
        if (port !== null && port !== door.port) return false;
        return exact ? address !== '*' && address === door.host : address === '*';
      }),
    );
  const exact = addressed(true);
  if (exact.length > 0) return exact;
  const wild = addressed(false);
  return wild.length > 0 ? wild : [main];
}

/** The site that answers for a name at a socket; the first one for no name, and for one that nobody has. */
export function siteFor(
  all: Pick<ApacheSites, 'sites' | 'main'>,
  name: string | null,
  door: Listener | Door,
): ApacheSite {
  const there = sitesAt(all, door);
  return (name === null ? undefined : there.find((site) => claims(site, name))) ?? there[0] ?? all.main;
}

/** Whether a site says that a name is its own. */
export function claims({ names }: ApacheSite, name: string): boolean {
  const plain = hostName(name);
  return names.some((pattern) => apacheClaims(pattern, plain));
}

/** The name of a Host field as Apache compares it. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** The names of all sites at a socket. */
export function namesAt(all: ApacheSites, door: Door): readonly string[] {
  return [...new Set(sitesAt(all, door).flatMap(({ names }) => names))];
}
