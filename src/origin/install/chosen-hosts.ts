import { type Stop, stopWhy } from '../server/place.ts';
import { type Listener, sameSocket, uniqueSockets, type VirtualHost } from '../server/virtual-host.ts';
import { type InstallRefusal, stopCode } from './plan.ts';
import type { InstallRequest } from './request.ts';

/** How a kind of server finds the virtual host of a name. */
export interface HostChoice<Host extends VirtualHost> {
  readonly hosts: readonly Host[];
  readonly stops: readonly Stop[];
  /** Who answers for a name on a socket, and whether it claims the name. */
  readonly serving: (name: string, socket: Listener) => { readonly host: Host; readonly claimed: boolean } | null;
  /** Whether a name of a virtual host stands for one that was asked for. */
  readonly claims: (pattern: string, name: string) => boolean;
}

/** The virtual hosts that the lock is put into. */
export interface Chosen<Host extends VirtualHost> {
  readonly locked: readonly Host[];
  /** Hosts that serve the same without TLS: those of the names, and those for names that nobody claims. */
  readonly plain: readonly Host[];
}

/** Why no virtual host can be chosen. */
export type NotChosen = Pick<InstallRefusal, 'code' | 'place' | 'detail'>;

/** The virtual hosts for the names of a request, or why there are none. Pure. */
export function chosenHosts<Host extends VirtualHost>(
  choice: HostChoice<Host>,
  request: InstallRequest,
): Chosen<Host> | NotChosen {
  const locked = new Set<Host>();
  const plain = new Set<Host>();
  for (const name of request.hostnames) {
    const found = forName(choice, name);
    if ('code' in found) return found;
    for (const host of found.locked) locked.add(host);
    for (const host of found.plain) plain.add(host);
  }
  for (const host of locked) {
    plain.delete(host);
    const refusal = unfit(choice, host, request);
    if (refusal !== null) return refusal;
  }
  const reached = new Set([...locked].flatMap(({ reaches }) => reaches));
  // One that claims no name is closed only where it serves nothing but the same application.
  const same = (host: Host) => host.reaches.every((one) => reached.has(one));
  const closed = [...plain].filter((host) => host.reaches.length > 0 && (!host.names.every(isNoName) || same(host)));
  return { locked: [...locked], plain: closed };
}

function forName<Host extends VirtualHost>(choice: HostChoice<Host>, name: string): Chosen<Host> | NotChosen {
  const sockets = uniqueSockets(choice.hosts.flatMap(({ listeners }) => listeners));
  const all = sockets.flatMap((socket) => {
    const found = choice.serving(name, socket);
    if (found === null) return [];
    return [{ ...found, tls: found.host.listeners.some((one) => one.tls && sameSocket(one, socket)) }];
  });
  const claimed = all.filter((one) => one.tls && one.claimed);
  const [unread] = choice.stops;
  // What was not read may claim the name: then nobody else is taken for it.
  if (claimed.length === 0 && unread !== undefined) {
    return { code: stopCode(unread), place: unread.place, detail: stopWhy(unread) };
  }
  // A default host is meant only where nobody claims the name anywhere, and where it claims none itself.
  const meant = claimed.length > 0 ? claimed : all.filter(({ host, tls }) => tls && host.names.every(isNoName));
  if (meant.length === 0) return { code: 'not_served', place: null, detail: name };
  return {
    locked: meant.map(({ host }) => host),
    plain: all
      .filter(({ host, tls, claimed: said }) => !tls && (said || host.names.every(isNoName)))
      .map(({ host }) => host),
  };
}

function unfit<Host extends VirtualHost>(
  { claims }: HostChoice<Host>,
  host: Host,
  { hostnames, allNames }: InstallRequest,
): NotChosen | null {
  if (host.unclear !== null) return { code: 'not_understood', place: host.unclear, detail: '' };
  const proxied = host.listeners.find((one) => one.proxied && one.tls);
  if (proxied !== undefined) return { code: 'proxied_socket', place: proxied.place, detail: '' };
  const asked = (pattern: string) =>
    hostnames.some((name) => name === pattern || (pattern.startsWith('~') && claims(pattern, name)));
  const others = host.names.filter((pattern) => !isNoName(pattern) && !asked(pattern));
  return others.length === 0 || allNames ? null : { code: 'more_names', place: host.place, detail: others.join(' ') };
}

/** What people write where a virtual host is for names that nobody claims. */
export function isNoName(pattern: string): boolean {
  return pattern === '_' || pattern === '';
}
