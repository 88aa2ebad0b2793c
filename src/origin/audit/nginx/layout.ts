import type { NginxHost } from '../../server/nginx/hosts.ts';
import { defaultHost, hostServing } from '../../server/nginx/serves.ts';
import type { Listener } from '../../server/virtual-host.ts';
import type { Site } from './admission.ts';
import { ownDirectives } from './endpoints.ts';

/** A socket with the sites that listen there; QUIC is a socket of its own. */
export interface SocketSites {
  readonly socket: Listener;
  readonly sites: readonly Site[];
  /** The site for names that nobody has. */
  readonly fallback: Site | null;
  /** By the names that are written out. */
  readonly named: ReadonlyMap<string, Site>;
  /** Those with names that stand for others. */
  readonly patterned: readonly Site[];
  /** By what they read. */
  readonly readers: ReadonlyMap<string, readonly Site[]>;
}

/** The sockets of a configuration, each once. */
export function layoutOf(sites: readonly Site[]): readonly SocketSites[] {
  const sockets = new Map<string, { readonly socket: Listener; readonly sites: Set<Site> }>();
  for (const site of sites) {
    for (const socket of site.host.listeners) {
      if (socket.family === 'unix') continue;
      const known = sockets.get(socketKey(socket)) ?? { socket, sites: new Set() };
      known.sites.add(site);
      sockets.set(socketKey(socket), known);
    }
  }
  return [...sockets.values()].map(({ socket, sites: there }) => socketSites(socket, [...there]));
}

function socketKey({ host, port, family, quic }: Listener): string {
  return `${family} ${host} ${port} ${quic}`;
}

function socketSites(socket: Listener, sites: readonly Site[]): SocketSites {
  const named = new Map<string, Site>();
  const readers = new Map<string, Site[]>();
  for (const site of sites) {
    // Of two with the same name the first has it.
    for (const name of namesOf(site)) if (!named.has(name)) named.set(name, site);
    for (const read of readsOf(site)) readers.set(read, [...(readers.get(read) ?? []), site]);
  }
  const found = defaultHost(hostsOf(sites, socket), socket);
  const fallback = sites.find(({ host }) => host.block === found?.block) ?? null;
  const patterned = sites.filter(({ host }) => host.names.some((name) => /^[*.~]|\.\*$/.test(name)));
  return { socket, sites, fallback, named, patterned, readers };
}

// `.a.test` is two names.
function namesOf({ host }: Site): readonly string[] {
  return host.names.flatMap((one) => (/^\.\w/.test(one) ? [one, one.slice(1)] : [one]));
}

/** Whether a site never answers at a socket, because others have each of its names before it. */
export function isShadowed(site: Site, { named, fallback }: SocketSites): boolean {
  const names = namesOf(site);
  return site !== fallback && names.length > 0 && names.every((name) => named.get(name) !== site);
}

function hostsOf(sites: readonly Site[], { quic }: Listener): readonly NginxHost[] {
  return sites.map(({ host }) => ({ ...host, listeners: host.listeners.filter((one) => one.quic === quic) }));
}

const TEXT = 'text:';

// All that a site may read on some way. A fixed answer is one key for all of them.
function readsOf({ endpoints, host }: Site): ReadonlySet<string> {
  const answers = [host.block.inner ?? [], ...endpoints.map(({ levels }) => levels.at(-1) ?? [])]
    .flatMap((level) => [...ownDirectives(level)])
    .some(({ name, args }) => name === 'return' && args[0]?.startsWith('2') === true);
  return new Set([...endpoints.flatMap(({ reaches }) => reaches), ...(answers ? [TEXT] : [])]);
}

/** The sites that may read some of this, or a directory above it. */
export function readersOf({ readers }: SocketSites, content: ReadonlySet<string>): readonly Site[] {
  const keys = [...content].flatMap((one) => {
    if (one.startsWith(TEXT)) return [TEXT];
    return one.startsWith('files:') ? directoriesOf(one) : [one];
  });
  return [...new Set(keys.flatMap((key) => readers.get(key) ?? []))];
}

function directoriesOf(files: string): readonly string[] {
  const parts = files.split('/');
  return parts.flatMap((_part, index) => {
    const path = parts.slice(0, index + 1).join('/');
    return path === files ? [files] : [path, `${path}/`];
  });
}

/** The site that answers for a name at a socket, and whether it has that name. */
export function siteServing(
  { socket, named, patterned, fallback }: SocketSites,
  name: string,
): { readonly site: Site; readonly claimed: boolean } | null {
  const exact = named.get(name);
  if (exact !== undefined) return { site: exact, claimed: true };
  const found = patterned.length === 0 ? null : hostServing(hostsOf(patterned, socket), name, socket);
  const site = found?.claimed === true ? patterned.find(({ host }) => host.block === found.host.block) : undefined;
  if (site !== undefined) return { site, claimed: true };
  return fallback === null ? null : { site: fallback, claimed: false };
}
