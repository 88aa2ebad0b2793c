import { SERVER_NAMES, type ServerName } from '../../wire/server-names.ts';
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
    cannot: [],
    start: {
      complete: ['Test it with: nginx -t -c FILE. Run it with: nginx -c FILE'],
      fragment: ['Include it in http { }. Test it with: nginx -t. Then: nginx -s reload'],
    },
    beside: "Beside another nginx it needs a process id file of its own: nginx -c FILE -g 'pid /run/NAME.pid;'",
  },
  apache: {
    label: 'Apache httpd',
    floor: { version: [2, 4, 37], why: 'TLS 1.3, IfDirective; what RHEL 8 ships' },
    cannot: ['long_header'],
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
    cannot: ['root'],
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
    cannot: ['crl', 'also_trust_crl'],
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
  lighttpd: {
    label: 'lighttpd',
    floor: { version: [1, 4, 60], why: 'ssl.verifyclient.ca-file' },
    cannot: ['also_trust', 'several_zones', 'open_names', 'shared', 'fragment', 'long_header'],
    start: {
      complete: [
        'It needs mod_openssl (Debian: lighttpd-mod-openssl). Test it with: lighttpd -tt -f FILE. Run it with: lighttpd -D -f FILE',
      ],
      fragment: [],
    },
    beside: null,
  },
  stunnel: {
    label: 'stunnel',
    floor: { version: [5, 60, 0], why: 'sessionResume' },
    cannot: [
      'also_trust',
      'several_zones',
      'several_sites',
      'open_names',
      'shared',
      'watch',
      'root',
      'redirect',
      'fragment',
    ],
    start: { complete: ['Run it with: stunnel FILE (Debian: stunnel4)'], fragment: [] },
    beside: null,
  },
  node: {
    label: 'Node.js',
    floor: { version: [20, 0, 0], why: 'older ones are no longer maintained' },
    cannot: ['fragment'],
    start: {
      complete: [
        'A program without packages, to be kept as a .cjs file. Test it with: node --check FILE. Run it with: node FILE',
      ],
      fragment: [],
    },
    beside: null,
  },
  envoy: {
    label: 'Envoy',
    floor: { version: [1, 28, 0], why: 'older ones are no longer maintained' },
    cannot: ['also_trust', 'watch', 'root', 'fragment'],
    start: { complete: ['Test it with: envoy --mode validate -c FILE. Run it with: envoy -c FILE'], fragment: [] },
    beside: null,
  },
  traefik: {
    label: 'Traefik',
    floor: { version: [3, 7, 3], why: 'before, hosts with wildcards and HTTP/3 went around the TLS options' },
    cannot: ['also_trust', 'several_zones', 'open_names', 'shared', 'watch', 'crl', 'socket', 'root', 'fragment'],
    start: { complete: ['Dynamic configuration for the file provider.'], fragment: [] },
    beside: null,
  },
  'ingress-nginx': {
    label: 'ingress-nginx',
    floor: { version: [1, 12, 1], why: 'before, annotations could inject configuration (CVE-2025-1097)' },
    cannot: ['also_trust', 'shared', 'watch', 'socket', 'root', 'fragment'],
    start: {
      complete: ['Test it with: kubectl apply --dry-run=server -f FILE. Then: kubectl apply -f FILE'],
      fragment: [],
    },
    beside: null,
  },
  'gateway-api': {
    label: 'The Gateway API',
    floor: { version: [1, 5, 0], why: 'spec.tls.frontend in the standard channel' },
    cannot: ['also_trust', 'several_zones', 'open_names', 'shared', 'watch', 'crl', 'socket', 'root', 'fragment'],
    start: {
      complete: ['Test it with: kubectl apply --dry-run=server -f FILE. Then: kubectl apply -f FILE'],
      fragment: [],
    },
    beside: null,
  },
  'aws-alb': {
    label: 'The Application Load Balancer',
    floor: null,
    cannot: ['also_trust', 'several_zones', 'open_names', 'shared', 'watch', 'redirect', 'socket', 'root', 'fragment'],
    start: { complete: ['Run it with: LISTENER_ARN=… BUCKET=… sh FILE'], fragment: [] },
    beside: null,
  },
} as const satisfies Readonly<Record<ServerName, ServerFacts>>;

/** A server for which `postern origin config` has a generator. */
export type { ServerName };

/** All of them, in the order in which they are told. */
export const SERVERS: readonly ServerName[] = SERVER_NAMES;

/** Whether somebody's word is the name of a server. */
export function isServer(text: string): text is ServerName {
  return Object.hasOwn(SERVER_FACTS, text);
}

/** The row of a server. */
export function serverFacts(server: ServerName): ServerFacts {
  return SERVER_FACTS[server];
}
