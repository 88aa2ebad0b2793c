import { type Listener, sameSocket } from '../virtual-host.ts';
import type { NginxHost } from './hosts.ts';

/** The server block that answers for a name on a socket: the best name, or the default of the socket. */
export function hostServing(
  hosts: readonly NginxHost[],
  name: string,
  socket: Listener,
): { readonly host: NginxHost; readonly claimed: boolean } | null {
  const there = hosts.filter(({ listeners }) => listeners.some((one) => sameSocket(one, socket)));
  const ranked = there
    .map((host) => ({ host, rank: Math.max(...host.names.map((pattern) => rank(pattern, name)), 0) }))
    .filter(({ rank }) => rank > 0);
  const best = ranked.reduce<(typeof ranked)[number] | null>(
    (top, one) => (one.rank > (top?.rank ?? 0) ? one : top),
    null,
  );
  if (best !== null) return { host: best.host, claimed: true };
  const fallback = defaultHost(there, socket);
  return fallback === null ? null : { host: fallback, claimed: false };
}

/** The server block for names that nobody claims: the one that says so, or the first of the socket. */
export function defaultHost(hosts: readonly NginxHost[], socket: Listener): NginxHost | null {
  const there = hosts.filter(({ listeners }) => listeners.some((one) => sameSocket(one, socket)));
  const said = there.find(({ listeners }) => listeners.some((one) => sameSocket(one, socket) && one.isDefault));
  return said ?? there[0] ?? null;
}

/** Whether a pattern of `server_name` is meant for the name, a wildcard for a wildcard only where they are the same. */
export function claims(pattern: string, name: string): boolean {
  return rank(pattern, name) > 0;
}

// The order in which nginx looks: exact, longest wildcard in front, longest wildcard behind, first pattern.
function rank(pattern: string, name: string): number {
  if (pattern === name) return 1e9;
  if (name.startsWith('*.')) return 0;
  if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1)) ? 1e6 + pattern.length : 0;
  if (pattern.startsWith('.')) {
    if (name === pattern.slice(1)) return 1e9;
    return name.endsWith(pattern) ? 1e6 + pattern.length : 0;
  }
  if (pattern.endsWith('.*')) return name.startsWith(pattern.slice(0, -1)) ? 1e3 + pattern.length : 0;
  return pattern.startsWith('~') && matchesPattern(pattern.slice(1), name) ? 1 : 0;
}

// What PCRE has beyond JavaScript is rare in names; a pattern that does not compile claims nothing here.
function matchesPattern(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern.replaceAll('?P<', '?<').replace(/^\*/, ''), 'i').test(name);
  } catch {
    return false;
  }
}
