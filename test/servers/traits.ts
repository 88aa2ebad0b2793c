import type { Program } from '../support/availability.ts';

/** In what the servers differ with a configuration that is as tight as they allow. */
export interface Traits {
  readonly program: Program;
  /** What has it read its files anew; `null` where that is no signal. */
  readonly reload: NodeJS.Signals | null;
  /** Lets the edge resume its own session at its own name, instead of asking for the certificate again. */
  readonly resumesOwnSessions: boolean;
  /** Takes `www.example.test.` in Host for the name; else it is refused as another one. */
  readonly knowsLastDot: boolean;
  /** What watching tells the application of a certificate: whether it is good, or only that there is one, or nothing. */
  readonly watch: 'verdict' | 'verdict but for expired' | 'presence' | 'nothing';
  /** What it leaves in its runtime directory. */
  readonly mark: RegExp;
  readonly readsLists: boolean;
  /** Whether the CAs above the leaf must have a list too. */
  readonly wantsListsOfCas: boolean;
  /** The names that decide who is answered: the one in the handshake and Host, Host alone, or none. */
  readonly looksAt: 'SNI and Host' | 'Host' | 'nothing';
  /** Whether it reads the requests; one that does not passes on whatever a right caller sends. */
  readonly knowsHttp: boolean;
  /** What the application finds behind the visitor's address in X-Forwarded-For. */
  readonly addsToForwardedFor: string;
}

const TIGHT = {
  resumesOwnSessions: false,
  knowsLastDot: true,
  readsLists: true,
  wantsListsOfCas: true,
  looksAt: 'SNI and Host',
  knowsHttp: true,
  addsToForwardedFor: '',
} as const;

const TRAITS = {
  nginx: { ...TIGHT, program: 'nginx', reload: 'SIGHUP', watch: 'verdict', mark: /\.pid$/ },
  // No setting of Apache lets an expired certificate through the handshake.
  apache: { ...TIGHT, program: 'apache2', reload: 'SIGUSR1', watch: 'verdict but for expired', mark: /\.pid$/ },
  haproxy: { ...TIGHT, program: 'haproxy', reload: 'SIGUSR2', watch: 'verdict', mark: /\.pid$/ },
  caddy: {
    ...TIGHT,
    program: 'caddy',
    reload: null,
    resumesOwnSessions: true,
    knowsLastDot: false,
    watch: 'presence',
    mark: /^caddy\.sock$/,
    readsLists: false,
  },
  lighttpd: {
    ...TIGHT,
    program: 'lighttpd',
    reload: 'SIGUSR1',
    watch: 'nothing',
    mark: /\.pid$/,
    looksAt: 'Host',
    addsToForwardedFor: ', 127.0.0.1',
  },
  stunnel: {
    ...TIGHT,
    program: 'stunnel4',
    reload: 'SIGHUP',
    watch: 'nothing',
    mark: /\.pid$/,
    wantsListsOfCas: false,
    looksAt: 'nothing',
    knowsHttp: false,
  },
  node: { ...TIGHT, program: 'node', reload: 'SIGHUP', watch: 'verdict', mark: /\.pid$/ },
} as const satisfies Readonly<Record<string, Traits>>;

/** A server that the tests start with a generated configuration. */
export type LockedServer = keyof typeof TRAITS;

/** The row of a server. */
export function traitsOf(server: LockedServer): Traits {
  return TRAITS[server];
}
