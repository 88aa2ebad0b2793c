import type { Program } from '../support/availability.ts';

/** In what the servers differ with a configuration that is as tight as they allow. */
interface Traits {
  readonly program: Program;
  /** What has it read its files anew; `null` where that is no signal. */
  readonly reload: NodeJS.Signals | null;
  /** Lets the edge resume its own session at its own name, instead of asking for the certificate again. */
  readonly resumesOwnSessions: boolean;
  /** Takes `www.example.test.` in Host for the name; else it is refused as another one. */
  readonly knowsLastDot: boolean;
  /** What watching tells the application of a certificate: whether it is good, or only that there is one. */
  readonly watch: 'verdict' | 'verdict but for expired' | 'presence';
  /** What it leaves in its runtime directory. */
  readonly mark: RegExp;
  readonly servesFiles: boolean;
  readonly readsLists: boolean;
}

const TIGHT = { resumesOwnSessions: false, knowsLastDot: true, servesFiles: true, readsLists: true } as const;

const TRAITS = {
  nginx: { ...TIGHT, program: 'nginx', reload: 'SIGHUP', watch: 'verdict', mark: /\.pid$/ },
  // No setting of Apache lets an expired certificate through the handshake.
  apache: { ...TIGHT, program: 'apache2', reload: 'SIGUSR1', watch: 'verdict but for expired', mark: /\.pid$/ },
  haproxy: { ...TIGHT, program: 'haproxy', reload: 'SIGUSR2', watch: 'verdict', mark: /\.pid$/, servesFiles: false },
  caddy: {
    program: 'caddy',
    reload: null,
    resumesOwnSessions: true,
    knowsLastDot: false,
    watch: 'presence',
    mark: /^caddy\.sock$/,
    servesFiles: true,
    readsLists: false,
  },
} as const satisfies Readonly<Record<string, Traits>>;

/** A server that the tests start with a generated configuration. */
export type LockedServer = keyof typeof TRAITS;

/** The row of a server. */
export function traitsOf(server: LockedServer): Traits {
  return TRAITS[server];
}
