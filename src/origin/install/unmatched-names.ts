import type { Door, DoorServer } from '../server/doors.ts';
import { type Listener, listenerText, uniqueSockets, type VirtualHost } from '../server/virtual-host.ts';
import { isNoName } from './chosen-hosts.ts';
import type { Neighbour } from './plan.ts';

/** Who answers, on a socket of the lock, for names that no site has, though the lock is not put into it. */
export interface Answering<Host extends VirtualHost> {
  readonly socket: Listener;
  readonly host: Host;
}

/** The neighbours that answer there without asking for a certificate. One that only refuses or redirects is none. Pure. */
export function answeringUnmatched<Host extends VirtualHost>(
  locked: readonly Host[],
  fallback: (socket: Listener) => Host | null,
): readonly Answering<Host>[] {
  const sockets = uniqueSockets(locked.flatMap(({ listeners }) => listeners)).filter(({ tls }) => tls);
  return sockets.flatMap((socket) => {
    const host = fallback(socket);
    const isOpen = host !== null && !locked.includes(host) && host.asks !== 'required' && host.reaches.length > 0;
    return isOpen ? [{ socket, host }] : [];
  });
}

/** What is said of them where they stay. */
export function unmatchedDoors<Host extends VirtualHost>(
  server: DoorServer & ('nginx' | 'apache'),
  answering: readonly Answering<Host>[],
): readonly Door[] {
  return answering.map((one) => ({
    server,
    code: 'unmatched_names',
    place: one.host.place,
    at: neighbour(one).at,
  }));
}

/** One of them for people. */
export function neighbour({ socket, host: { names } }: Answering<VirtualHost>): Neighbour {
  const name = names.find((one) => !isNoName(one));
  return { at: `${name ?? 'no name'} on ${listenerText(socket)}`, isNamed: name !== undefined };
}
