import { type Place, placeText } from './place.ts';
import { type Listener, listenerText, type VirtualHost } from './virtual-host.ts';

/** Ways past a lock that stay when it is on: one row each. `open` says that strangers get in there, `fix` what to do on each server that can have it. */
export const DOORS = {
  other_host: {
    open: true,
    text: 'another virtual host hands requests to the same application',
    fix: {
      nginx: 'Lock its server_name too (--hostname), or take that server block away.',
      apache: 'Lock its ServerName and ServerAlias too (--hostname), or take that <VirtualHost> away.',
      caddy: 'Lock its addresses too (--hostname), or take that site block away.',
      haproxy: 'Lock the hosts of that frontend too (--hostname), or take its way to this backend away.',
    },
  },
  plain_http: {
    open: true,
    text: 'plain HTTP reaches the same application, and carries no certificate',
    fix: {
      nginx: 'Have that server block do nothing but return 301 https://$host$request_uri, or take its listen away.',
      apache: 'Have that <VirtualHost> do nothing but Redirect permanent "/" "https://NAME/", or take its Listen away.',
      caddy:
        'Have that site block do nothing but redir https://{host}{uri}, or take it away: Caddy redirects by itself.',
      haproxy: 'Begin its rules with http-request redirect scheme https unless { ssl_fc }, or take its bind away.',
    },
  },
  application_port: {
    open: true,
    text: "the application's own port can be reached from other machines",
    fix: {
      nginx: 'Bind the application to 127.0.0.1 or a Unix socket (proxy_pass http://unix:PATH), or firewall the port.',
      apache:
        'Bind the application to 127.0.0.1 or a Unix socket (ProxyPass "/" "unix:PATH|http://NAME/"), or firewall the port.',
      caddy: 'Bind the application to 127.0.0.1 or a Unix socket (reverse_proxy unix/PATH), or firewall the port.',
      haproxy: 'Bind the application to 127.0.0.1 or a Unix socket (server NAME unix@PATH), or firewall the port.',
    },
  },
  stream_listener: {
    open: false,
    text: 'connections are passed on below HTTP, where nothing is checked here',
    fix: { nginx: 'See that proxy_pass in that server of stream { } does not lead to this application.' },
  },
  unread: {
    open: false,
    text: 'a part of the configuration was not understood, so it may hold a door',
    fix: {
      nginx:
        'Look there yourself, or at what nginx -T prints: every server block that reaches the application must be locked.',
      apache:
        'Look there yourself, or at what apachectl -S prints: every <VirtualHost> that reaches the application must be locked.',
      caddy:
        'Look there yourself, or at what caddy adapt prints: every site block that reaches the application must be locked.',
      haproxy: 'Look there yourself: every frontend with a way to the backend of the application must be locked.',
    },
  },
  variable_target: {
    open: false,
    text: 'where requests go depends on a variable, so it may be this application',
    fix: {
      nginx: 'See what the variable in its proxy_pass can hold, and lock that server block too if it is.',
      apache: 'See what its ProxyPass or RewriteRule can come to, and lock that <VirtualHost> too if it is.',
      caddy: 'See what the placeholder in its reverse_proxy can stand for, and lock that site block too if it is.',
      haproxy: 'See which backends its use_backend can come to, and lock that frontend too if it is.',
    },
  },
  ipv6_elsewhere: {
    open: false,
    text: 'over IPv6 this port is answered by other virtual hosts only',
    fix: {
      nginx: 'Add listen [::]:PORT ssl to the locked server block, so that the edge reaches it over IPv6.',
      apache:
        'Write * or the IPv6 address, too, into the locked <VirtualHost ADDRESS:PORT>, so that the edge reaches it over IPv6.',
      caddy: 'Write the IPv6 address, too, into bind of the locked site block, so that the edge reaches it over IPv6.',
      haproxy: 'Add bind [::]:PORT ssl to the locked frontend, so that the edge reaches it over IPv6.',
    },
  },
  trusted_certificate: {
    open: true,
    text: 'other CAs than those of the bundle are trusted for callers, too',
    fix: {
      apache: 'Take SSLCACertificatePath away: what lies in that directory is trusted beside SSLCACertificateFile.',
    },
  },
  unmatched_names: {
    open: false,
    text: 'names that no site has are answered by a neighbour, which stays open: seen from outside nobody can tell that from a hole, so no look at the lock finds it locked',
    fix: {
      nginx:
        'Say --default-server to have a server block put there that refuses them: who comes by address or by an unknown name then gets no answer.',
      apache:
        'Say --default-server to have a <VirtualHost> put in front that refuses them: who comes by address or by an unknown name then gets a 403.',
    },
  },
  error_page: {
    open: true,
    text: 'an error page answers refused callers, perhaps with the application',
    fix: { nginx: 'Leave 400, 495, 496 and 497 out of error_page in this server block.' },
  },
  lasting_sessions: {
    open: false,
    text: 'TLS sessions are kept, and a resumed one is not verified again',
    fix: {
      nginx: 'Write off behind ssl_session_cache and ssl_session_tickets there, or take them out of that file.',
      apache: 'Write SSLSessionCache none for the whole server.',
      haproxy: 'Write tune.ssl.cachesize 0 into the section global.',
    },
  },
  verified_by_path: {
    open: true,
    text: 'a certificate is asked for some paths only, which also keeps TLS 1.3 callers out',
    fix: { apache: 'Move SSLVerifyClient out of that section into the <VirtualHost>.' },
  },
} as const satisfies Record<string, DoorRow>;

interface DoorRow {
  readonly open: boolean;
  readonly text: string;
  readonly fix: Readonly<Partial<Record<DoorServer, string>>>;
}

/** A kind of server whose configuration is read. */
export type DoorServer = 'nginx' | 'apache' | 'caddy' | 'haproxy';

type DoorCode = keyof typeof DOORS;

/** The doors that a kind of server can have. */
type DoorCodeOf<S extends DoorServer> = {
  [C in DoorCode]: S extends keyof (typeof DOORS)[C]['fix'] ? C : never;
}[DoorCode];

/** One way past the lock of a server of this kind, with where it stands. */
interface DoorOf<S extends DoorServer> {
  readonly server: S;
  readonly code: DoorCodeOf<S>;
  readonly place: Place | null;
  /** Which socket, name or address. */
  readonly at: string;
}

/** One way past the lock. */
export type Door = { [S in DoorServer]: DoorOf<S> }[DoorServer];

/** Whether strangers get in there. */
export function isOpen({ code }: Door): boolean {
  return DOORS[code].open;
}

/** What to do about it, in the words of its server. */
export function doorFix({ code, server }: Door): string {
  const { fix }: DoorRow = DOORS[code];
  // A door only has a server that its row has a fix for.
  return fix[server] ?? '';
}

/** Two sentences for people: what and where, and what to do. */
export function doorText(door: Door): string {
  const { code, place, at } = door;
  const where = [at, place === null ? '' : placeText(place)].filter((part) => part !== '').join(', ');
  return `${DOORS[code].text} (${where}). ${doorFix(door)}`;
}

/** What is known of a server when its doors are counted. */
export interface Surroundings {
  readonly server: DoorServer;
  readonly hosts: readonly VirtualHost[];
  /** Those that the lock is put into; their plain listeners redirect from then on. */
  readonly locked: readonly VirtualHost[];
  /** Those whose plain listeners are made to redirect. */
  readonly redirected: readonly VirtualHost[];
  /** Sockets on which this machine listens, whoever does. */
  readonly listening: readonly { readonly host: string; readonly port: number }[];
}

/** The doors that every kind of server can have. Pure. */
export function commonDoors({ server, ...around }: Surroundings): readonly Door[] {
  return found(around).map((door) => ({ server, ...door }));
}

type Everywhere = DoorCodeOf<'nginx'> & DoorCodeOf<'apache'> & DoorCodeOf<'caddy'> & DoorCodeOf<'haproxy'>;
type CommonDoor = Omit<DoorOf<DoorServer>, 'server' | 'code'> & { readonly code: Everywhere };

function found(around: Omit<Surroundings, 'server'>): readonly CommonDoor[] {
  const reached = new Set(around.locked.flatMap(({ reaches }) => reaches));
  const others = around.hosts.filter((host) => !around.locked.includes(host) && !around.redirected.includes(host));
  return [
    ...others.filter(({ reaches }) => reaches.some((one) => reached.has(one))).flatMap(openings),
    ...others.filter(({ reaches, asks }) => asks !== 'required' && reaches.some(isVariable)).map(uncertain),
    ...applicationPorts([...reached], around.listening),
    ...withoutIpv6(around),
  ];
}

function openings(host: VirtualHost): readonly CommonDoor[] {
  const { place, names, asks } = host;
  const plain = host.listeners.filter(({ tls }) => !tls);
  const tls = asks === 'required' ? [] : host.listeners.filter((one) => one.tls);
  const at = (listeners: readonly Listener[]) =>
    `${names[0] ?? 'no name'} on ${listeners.map(listenerText).join(', ')}`;
  return [
    ...(tls.length === 0 ? [] : [{ code: 'other_host', place, at: at(tls) } as const]),
    ...(plain.length === 0 ? [] : [{ code: 'plain_http', place, at: at(plain) } as const]),
  ];
}

function isVariable(reached: string): boolean {
  return reached.startsWith('variable:');
}

function uncertain({ place, names }: VirtualHost): CommonDoor {
  return { code: 'variable_target', place, at: names[0] ?? 'no name' };
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

function applicationPorts(reached: readonly string[], listening: Surroundings['listening']): readonly CommonDoor[] {
  const ports = reached.flatMap((one) => {
    // The application of a machine of its own is not seen from here.
    const found = /^tcp:(?:127\.[\d.]+|\[::1\]):(\d+)/.exec(one)?.[1];
    return found === undefined ? [] : [Number(found)];
  });
  return listening
    .filter(({ host, port }) => ports.includes(port) && !LOOPBACK.test(host))
    .map(({ host, port }) => ({
      code: 'application_port',
      place: null,
      at: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    }));
}

function withoutIpv6({ hosts, locked }: Pick<Surroundings, 'hosts' | 'locked'>): readonly CommonDoor[] {
  const own = locked.flatMap(({ listeners }) => listeners).filter(({ tls }) => tls);
  const six = new Set(own.filter(({ family }) => family !== 4).map(({ port }) => port));
  const ports = new Set(own.map(({ port }) => port).filter((port) => !six.has(port)));
  return hosts
    .filter((host) => !locked.includes(host))
    .flatMap(({ listeners, place }) =>
      listeners
        .filter(({ tls, family, port }) => tls && family === 6 && ports.has(port))
        .map((one) => ({ code: 'ipv6_elsewhere' as const, place, at: listenerText(one) })),
    );
}
