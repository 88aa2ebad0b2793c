import type { LockedServer } from './locked-origin.ts';

/** In what a server differs from the others although its lock holds. What it cannot do at all is in SERVER_FACTS. */
export interface Habits {
  /** The names that decide who is answered: the one in the handshake and Host, Host alone, or none. */
  readonly looksAt: 'SNI and Host' | 'Host' | 'nothing';
  /** Whether it reads the requests; one that does not passes on whatever a right caller sends. */
  readonly knowsHttp: boolean;
  /** What the application finds after the visitor's address in X-Forwarded-For. */
  readonly addsToForwardedFor: string;
  /** The signal that has it read its configuration and its files anew. */
  readonly reload: NodeJS.Signals;
  /** Whether the CAs above the leaf must have a list too. */
  readonly wantsListsOfCas: boolean;
  /** What the application is told while the server watches: the verdict of each caller, or nothing. */
  readonly tellsWhileWatching: boolean;
  /** Whether a certificate that is expired or revoked gets through the handshake while it watches. */
  readonly letsExpiredWatch: boolean;
  /** Whether it starts with a bundle without certificates, and then trusts nobody. */
  readonly startsWithoutAuthority: boolean;
}

const USUAL: Habits = {
  looksAt: 'SNI and Host',
  knowsHttp: true,
  addsToForwardedFor: '',
  reload: 'SIGHUP',
  wantsListsOfCas: true,
  tellsWhileWatching: true,
  letsExpiredWatch: true,
  startsWithoutAuthority: false,
};

const HABITS: Readonly<Partial<Record<LockedServer, Partial<Habits>>>> = {
  apache: { reload: 'SIGUSR1', letsExpiredWatch: false, startsWithoutAuthority: true },
  haproxy: { reload: 'SIGUSR2' },
  lighttpd: { looksAt: 'Host', addsToForwardedFor: ', 127.0.0.1', reload: 'SIGUSR1', tellsWhileWatching: false },
  stunnel: { looksAt: 'nothing', knowsHttp: false, wantsListsOfCas: false },
};

/** The habits of a server. */
export function habitsOf(server: LockedServer): Habits {
  return { ...USUAL, ...HABITS[server] };
}
