import { globPattern } from '../config-source.ts';
import { type Listener, sameSocket } from '../virtual-host.ts';
import type { ApacheHost } from './hosts.ts';

/** The virtual host that answers for a name on a socket: the first of that name, or the first of the socket. */
export function apacheHostServing(
  hosts: readonly ApacheHost[],
  name: string,
  socket: Listener,
): { readonly host: ApacheHost; readonly claimed: boolean } | null {
  const all = hosts.filter(({ listeners }) => listeners.some((one) => sameSocket(one, socket)));
  // One that names the address comes before those for all addresses.
  const exact = all.filter(({ addresses }) =>
    addresses.some((text) => text.includes(socket.host) && socket.host !== '*'),
  );
  const there = exact.length > 0 ? exact : all;
  const named = there.find(({ names }) => names.some((pattern) => apacheClaims(pattern, name)));
  if (named !== undefined) return { host: named, claimed: true };
  const [first] = there;
  return first === undefined ? null : { host: first, claimed: false };
}

/** Whether a `ServerName` or `ServerAlias` is meant for the name. */
export function apacheClaims(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  return !name.includes('*') && /[*?]/.test(pattern) && globPattern(pattern.replaceAll('[', '')).test(name);
}
