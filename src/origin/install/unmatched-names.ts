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

/** What is said while the lock watches, where they are to be refused later: the log of the lock knows nothing of them. */
export function unmatchedUncounted({ socket, host }: Answering<VirtualHost>): string {
  const where = `${host.names[0] ?? 'no name'} on ${listenerText(socket)}`;
  return `Names that no site has are answered by a neighbour until the lock enforces (${where}): who comes so is not counted, and will be refused.`;
}

/** What is said of them where they stay: each once, with all its sockets. */
export function unmatchedDoors<Host extends VirtualHost>(
  server: DoorServer & ('nginx' | 'apache'),
  answering: readonly Answering<Host>[],
): readonly Door[] {
  return byHost(answering).map(([{ place }, { at }]) => ({ server, code: 'unmatched_names', place, at }));
}

/** The same for people. */
export function neighboursOf(answering: readonly Answering<VirtualHost>[]): readonly Neighbour[] {
  return byHost(answering).map(([, neighbour]) => neighbour);
}

function byHost<Host extends VirtualHost>(
  answering: readonly Answering<Host>[],
): readonly (readonly [Host, Neighbour])[] {
  return [...new Set(answering.map(({ host }) => host))].map((host) => {
    const name = host.names.find((one) => !isNoName(one));
    const sockets = answering.filter((one) => one.host === host).map(({ socket }) => listenerText(socket));
    return [host, { at: `${name ?? 'no name'} on ${sockets.join(', ')}`, isNamed: name !== undefined }];
  });
}
