import type { Door, DoorServer } from '../server/doors.ts';
import { type Listener, listenerText, uniqueSockets, type VirtualHost } from '../server/virtual-host.ts';

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

/** What is said while the lock watches, where they are to be refused later: the log of the lock knows nothing of them. */
export function unmatchedUncounted({ socket, host }: Answering<VirtualHost>): string {
  const where = `${host.names[0] ?? 'no name'} on ${listenerText(socket)}`;
  return `Names that no site has are answered by a neighbour until the lock enforces (${where}): who comes so is not counted, and will be refused.`;
}

/** What is said of them where they stay. */
export function unmatchedDoors<Host extends VirtualHost>(
  server: DoorServer & ('nginx' | 'apache'),
  answering: readonly Answering<Host>[],
): readonly Door[] {
  return answering.map(({ socket, host: { names, place } }) => ({
    server,
    code: 'unmatched_names',
    place,
    at: `${names[0] ?? 'no name'} on ${listenerText(socket)}`,
  }));
}
