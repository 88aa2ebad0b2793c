import { type Place, placeText } from './place.ts';
import { type Listener, listenerText, type VirtualHost } from './virtual-host.ts';

/** Ways past a lock that stay when it is on: one row each. `open` says that strangers get in there. */
export const DOORS = {
  other_host: {
    open: true,
    text: 'another virtual host hands requests to the same application',
    fix: 'Lock its names too (--hostname), or take it away.',
  },
  plain_http: {
    open: true,
    text: 'plain HTTP reaches the same application, and carries no certificate',
    fix: 'Have it redirect to HTTPS only, or close it.',
  },
  application_port: {
    open: true,
    text: "the application's own port can be reached from other machines",
    fix: 'Bind the application to 127.0.0.1 or a Unix socket, or firewall the port.',
  },
  stream_listener: {
    open: false,
    text: 'connections are passed on below HTTP, where nothing is checked here',
    fix: 'See that what stands behind it is not this application.',
  },
  unread: {
    open: false,
    text: 'a part of the configuration was not understood, so it may hold a door',
    fix: 'Look there yourself: every virtual host that reaches the application must be locked.',
  },
  variable_target: {
    open: false,
    text: 'where requests go depends on a variable, so it may be this application',
    fix: 'Look there yourself, and lock that virtual host too if it is.',
  },
  ipv6_elsewhere: {
    open: false,
    text: 'over IPv6 this port is answered by other virtual hosts only',
    fix: 'Let the locked virtual host listen there too, so that the edge reaches it over IPv6.',
  },
  trusted_certificate: {
    open: true,
    text: 'ssl_trusted_certificate adds CAs that are trusted for callers too',
    fix: 'Take it away: put the issuer into the chain of ssl_certificate instead.',
  },
  error_page: {
    open: true,
    text: 'an error page answers refused callers, perhaps with the application',
    fix: 'Leave 400, 495, 496 and 497 out of error_page in this virtual host.',
  },
  lasting_sessions: {
    open: false,
    text: 'TLS sessions are kept, and a resumed one is not verified again',
    fix: 'Switch them off: ssl_session_cache off, SSLSessionCache none, tune.ssl.cachesize 0.',
  },
  verified_by_path: {
    open: true,
    text: 'a certificate is asked for some paths only, which also keeps TLS 1.3 callers out',
    fix: 'Move SSLVerifyClient to the virtual host.',
  },
} as const satisfies Record<string, { readonly open: boolean; readonly text: string; readonly fix: string }>;

type DoorCode = keyof typeof DOORS;

/** One way past the lock, with where it stands. */
export interface Door {
  readonly code: DoorCode;
  readonly place: Place | null;
  /** Which socket, name or address. */
  readonly at: string;
}

/** Whether strangers get in there. */
export function isOpen({ code }: Door): boolean {
  return DOORS[code].open;
}

/** Two sentences for people: what and where, and what to do. */
export function doorText({ code, place, at }: Door): string {
  const { text, fix } = DOORS[code];
  const where = [at, place === null ? '' : placeText(place)].filter((part) => part !== '').join(', ');
  return `${text} (${where}). ${fix}`;
}

/** What is known of a server when its doors are counted. */
export interface Surroundings {
  readonly hosts: readonly VirtualHost[];
  /** Those that the lock is put into; their plain listeners redirect from then on. */
  readonly locked: readonly VirtualHost[];
  /** Those whose plain listeners are made to redirect. */
  readonly redirected: readonly VirtualHost[];
  /** Sockets on which this machine listens, whoever does. */
  readonly listening: readonly { readonly host: string; readonly port: number }[];
}

/** The doors that every kind of server can have. Pure. */
export function commonDoors(around: Surroundings): readonly Door[] {
  const reached = new Set(around.locked.flatMap(({ reaches }) => reaches));
  const others = around.hosts.filter((host) => !around.locked.includes(host) && !around.redirected.includes(host));
  return [
    ...others.filter(({ reaches }) => reaches.some((one) => reached.has(one))).flatMap(openings),
    ...others.filter(({ reaches, asks }) => asks !== 'required' && reaches.some(isVariable)).map(uncertain),
    ...applicationPorts([...reached], around.listening),
    ...withoutIpv6(around),
  ];
}

function openings(host: VirtualHost): readonly Door[] {
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

function uncertain({ place, names }: VirtualHost): Door {
  return { code: 'variable_target', place, at: names[0] ?? 'no name' };
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

function applicationPorts(reached: readonly string[], listening: Surroundings['listening']): readonly Door[] {
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

function withoutIpv6({ hosts, locked }: Surroundings): readonly Door[] {
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
