import type { Place } from '../place.ts';
import type { Asks, Listener, VirtualHost } from '../virtual-host.ts';
import { nginxListener } from './listen.ts';
import { reachesOf, upstreamsIn } from './reaches.ts';
import { type Effective, NOT_UNDERSTOOD, type NginxTree } from './tree.ts';

/** A server block: what all servers share, and its directives. */
export interface NginxHost extends VirtualHost {
  readonly block: Effective;
  /** What stands in `http { }` around it. */
  readonly http: readonly Effective[];
}

/** The server blocks in the order in which nginx meets them. */
export function nginxHosts({ effective }: NginxTree): readonly NginxHost[] {
  const https = effective.filter(({ name }) => name === 'http').map(({ inner }) => inner ?? []);
  return withSharedTls(
    https.flatMap((http) => {
      const upstreams = upstreamsIn(http);
      return http
        .filter(({ name }) => name === 'server')
        .map((block) => hostOf(block, http, (server) => reachesOf(server, http, upstreams)));
    }),
  );
}

function hostOf(
  block: Effective,
  http: readonly Effective[],
  reaches: (server: readonly Effective[]) => readonly string[],
): NginxHost {
  const inner = block.inner ?? [];
  const listens = inner.filter(({ name }) => name === 'listen');
  const found = listens.map(({ args, place }) => nginxListener(args, place));
  const unread = listens.find((_listen, index) => found[index] === null);
  const own = found.filter((one) => one !== null);
  const ssl = effectiveValue('ssl', inner, http) === 'on';
  const fallback: Listener = { ...PLAIN, place: block.place };
  return {
    place: block.place,
    names: inner
      .filter(({ name }) => name === 'server_name')
      .flatMap(({ args }) => args.map((arg) => arg.toLowerCase())),
    listeners: (own.length === 0 && unread === undefined ? [fallback] : own).map((one) =>
      ssl ? { ...one, tls: true } : one,
    ),
    reaches: reaches(inner),
    asks: ASKS[effectiveValue('ssl_verify_client', inner, http) ?? 'off'] ?? 'nothing',
    trusts: effectiveValue('ssl_client_certificate', inner, http) ?? null,
    unclear: unread?.place ?? unclearIn(inner),
    block,
    http,
  };
}

const PLAIN = { host: '*', port: 80, family: 4, tls: false, isDefault: false, quic: false, proxied: false } as const;
const ASKS: Readonly<Record<string, Asks>> = { on: 'required', optional: 'optional', optional_no_ca: 'optional' };

/** What holds in a server block: its own word, or the one around it. */
function effectiveValue(name: string, server: readonly Effective[], http: readonly Effective[]): string | undefined {
  const find = (level: readonly Effective[]) => level.findLast((one) => one.name === name)?.args[0];
  return find(server) ?? find(http);
}

function unclearIn(level: readonly Effective[]): Place | null {
  for (const { name, place, inner } of level) {
    if (name === NOT_UNDERSTOOD) return place;
    const deeper = inner === null ? null : unclearIn(inner);
    if (deeper !== null) return deeper;
  }
  return null;
}

// `ssl`, `proxy_protocol` and the like are properties of the socket: one block that says so speaks for all.
function withSharedTls(hosts: readonly NginxHost[]): readonly NginxHost[] {
  const key = ({ host, port }: Listener) => `${host} ${port}`;
  const all = hosts.flatMap(({ listeners }) => listeners);
  const tls = new Set(all.filter((one) => one.tls && !one.quic).map(key));
  const proxied = new Set(all.filter((one) => one.proxied).map(key));
  return hosts.map((host) => ({
    ...host,
    listeners: host.listeners.map((one) => ({
      ...one,
      tls: one.tls || tls.has(key(one)),
      proxied: one.proxied || proxied.has(key(one)),
    })),
  }));
}
