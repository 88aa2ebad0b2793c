import type { ServerVersion } from '../server-version.ts';
import type { Lines } from './lines.ts';
import type { Ability } from './abilities.ts';

/** What is to be known of a kind of server before anything is generated for it. */
interface ServerFacts {
  /** As people call it. */
  readonly label: string;
  /** The first version that the generated configuration locks, and why; `null` where it does not depend on it. */
  readonly floor: { readonly version: ServerVersion; readonly why: string } | null;
  /** What it cannot do at all: whoever asks for it is told so instead of getting half a lock. */
  readonly cannot: readonly Ability[];
  /** How it is tested and started: the last lines of the heading. */
  readonly start: { readonly complete: Lines; readonly fragment: Lines };
  /** How a complete one without a runtime directory is run beside the system's own; `null` where it just is. */
  readonly beside: string | null;
  /** Where its certificate is expected for a name, where that is not where certbot puts it. */
  readonly certificatePlace?: (name: string) => { readonly serverCert: string; readonly serverKey: string };
}

/** One row for each server that can be configured. */
const SERVER_FACTS = {
  nginx: {
    label: 'nginx',
    floor: { version: [1, 19, 4], why: 'ssl_reject_handshake' },
    cannot: ['also_trust'],
    start: {
      complete: ['Test it with: nginx -t -c FILE. Run it with: nginx -c FILE'],
      fragment: ['Include it in http { }. Test it with: nginx -t. Then: nginx -s reload'],
    },
    beside: "Beside another nginx it needs a process id file of its own: nginx -c FILE -g 'pid /run/NAME.pid;'",
  },
  apache: {
    label: 'Apache httpd',
    floor: { version: [2, 4, 37], why: 'TLS 1.3, IfDirective; what RHEL 8 ships' },
    cannot: ['also_trust'],
    start: {
      complete: ['Test it with: apache2 -t -f FILE. Run it with: apache2 -f FILE (httpd on RHEL).'],
      fragment: [
        'Include it beside the other virtual hosts; Listen and the modules ssl, headers, setenvif, proxy, proxy_http and',
        'rewrite (a2enmod) are yours to set. Test it with: apachectl configtest. Then: apachectl graceful',
      ],
    },
    beside: "To keep its files elsewhere: apache2 -C 'Define POSTERN_RUN DIR' -f FILE",
  },
  haproxy: {
    label: 'HAProxy',
    floor: { version: [2, 4, 0], why: "'defaults' with names" },
    cannot: ['also_trust', 'root'],
    start: {
      complete: ['Test it with: haproxy -c -f FILE. Run it with: haproxy -W -f FILE'],
      fragment: [
        'Load it behind the other file. Test it with: haproxy -c -f haproxy.cfg -f FILE. Then: systemctl reload haproxy',
      ],
    },
    beside: null,
    certificatePlace: (name) => ({
      serverCert: `/etc/haproxy/certs/${name}.pem`,
      serverKey: `/etc/haproxy/certs/${name}.pem`,
    }),
  },
  caddy: {
    label: 'Caddy',
    floor: { version: [2, 6, 0], why: "'protocols' and the check that SNI and Host agree over HTTP/2" },
    cannot: ['also_trust', 'crl'],
    start: {
      complete: [
        'Test it with: caddy validate --adapter caddyfile --config FILE.',
        'Run it with: caddy run --adapter caddyfile --config FILE',
      ],
      fragment: [
        "Import it into the Caddyfile ('import FILE'). Test it with: caddy validate --config /etc/caddy/Caddyfile.",
        'Then: systemctl reload caddy',
      ],
    },
    beside: "Beside another Caddy it needs a place of its own for its commands: 'admin' in the options on top.",
  },
} as const satisfies Readonly<Record<string, ServerFacts>>;

/** A server for which `postern origin config` has a generator. */
export type ServerName = keyof typeof SERVER_FACTS;

/** All of them, in the order in which they are told. */
export const SERVERS = Object.keys(SERVER_FACTS) as readonly ServerName[];

/** Whether somebody's word is the name of a server. */
export function isServer(text: string): text is ServerName {
  return Object.hasOwn(SERVER_FACTS, text);
}

/** The row of a server. */
export function serverFacts(server: ServerName): ServerFacts {
  return SERVER_FACTS[server];
}
