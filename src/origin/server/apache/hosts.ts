import { isIPv4, isIPv6 } from 'node:net';
import type { Place } from '../place.ts';
import type { Asks, Listener, VirtualHost } from '../virtual-host.ts';
import { type ApacheEffective, type ApacheTree, NOT_UNDERSTOOD } from './tree.ts';

/** A `<VirtualHost>`: what all servers share, and its directives. */
export interface ApacheHost extends VirtualHost {
  readonly block: ApacheEffective;
  /** The addresses of its opening line. */
  readonly addresses: readonly string[];
}

/** The virtual hosts in the order in which Apache meets them. */
export function apacheHosts({ effective }: ApacheTree): readonly ApacheHost[] {
  const sockets = effective.filter(({ name }) => name === 'listen').flatMap((listen) => listened(listen));
  return effective.filter(({ name }) => name === 'virtualhost').map((block) => hostOf(block, sockets, effective));
}

/** The sockets of a `Listen`. */
export function listened({ args: [address = ''], place }: ApacheEffective): readonly Listener[] {
  const { host, port } = hostAndPort(address);
  if (port === null) return [];
  const family = host === '*' ? 'both' : host.includes(':') ? 6 : 4;
  return [{ host, port, family, tls: false, isDefault: false, quic: false, proxied: false, place }];
}

/** An address as `Listen` and `<VirtualHost>` write it; no port stands for every port. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number | null } {
  if (/^\d{1,5}$/.test(text)) return { host: '*', port: Number(text) };
  const found = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]*))(?::(?<port>\d{1,5}|\*))?$/.exec(text)?.groups;
  const host = found?.['six'] ?? found?.['four'] ?? '';
  const wild = host === '*' || host === '_default_' || host === '0.0.0.0' || host === '';
  const port = found?.['port'];
  return { host: wild ? '*' : host.toLowerCase(), port: port === undefined || port === '*' ? null : Number(port) };
}

/** The names by which a virtual host with these directives is called, without scheme and port. */
export function namesIn(directives: readonly Pick<ApacheEffective, 'name' | 'args'>[]): readonly string[] {
  return directives
    .filter(({ name }) => name === 'servername' || name === 'serveralias')
    .flatMap(({ args }) =>
      args.map((arg) =>
        arg
          .toLowerCase()
          .replace(/^https?:\/\//, '')
          .replace(/:\d+$/, ''),
      ),
    );
}

function hostOf(block: ApacheEffective, sockets: readonly Listener[], server: readonly ApacheEffective[]): ApacheHost {
  const inner = block.inner ?? [];
  const value = (name: string) => lastOf(inner, name)?.args[0];
  const tls = value('sslengine')?.toLowerCase() === 'on';
  const spoken = block.args.map(hostAndPort);
  const unclear = spoken.some(({ host }) => host !== '*' && !isIPv4(host) && !isIPv6(host));
  const listeners = spoken.flatMap(({ host, port }) =>
    sockets.filter((one) => covers({ host, port }, one)).map((one) => narrowed(host, one)),
  );
  return {
    place: block.place,
    block,
    addresses: block.args,
    names: namesIn(inner),
    listeners: unique(listeners).map((one) => ({ ...one, tls })),
    reaches: reachesOf(inner, server),
    asks:
      ASKS[(value('sslverifyclient') ?? lastOf(server, 'sslverifyclient')?.args[0] ?? 'none').toLowerCase()] ??
      'nothing',
    trusts: value('sslcacertificatefile') ?? null,
    unclear: unclear ? block.place : unclearIn(inner),
  };
}

const ASKS: Readonly<Record<string, Asks>> = { require: 'required', optional: 'optional', optional_no_ca: 'optional' };

function covers(wide: { readonly host: string; readonly port: number | null }, socket: Listener): boolean {
  if (wide.port !== null && wide.port !== socket.port) return false;
  return wide.host === '*' || socket.host === '*' || wide.host === socket.host;
}

// Of a socket for all addresses, a virtual host for one address answers on that one only.
function narrowed(host: string, socket: Listener): Listener {
  return host === '*' || socket.host !== '*' ? socket : { ...socket, host, family: host.includes(':') ? 6 : 4 };
}

function unique(listeners: readonly Listener[]): readonly Listener[] {
  return [...new Map(listeners.map((one) => [`${one.host} ${one.port}`, one])).values()];
}

/** The last directive of that name on a level. */
export function lastOf(level: readonly ApacheEffective[], name: string): ApacheEffective | undefined {
  return level.findLast((one) => one.name === name);
}

function unclearIn(level: readonly ApacheEffective[]): Place | null {
  for (const { name, place, inner } of level) {
    if (name === NOT_UNDERSTOOD) return place;
    const deeper = inner === null ? null : unclearIn(inner);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** What a virtual host hands requests to. */
function reachesOf(inner: readonly ApacheEffective[], server: readonly ApacheEffective[]): readonly string[] {
  if (redirectsAll(inner)) return [];
  const found = new Set<string>();
  const root = lastOf(inner, 'documentroot')?.args[0] ?? lastOf(server, 'documentroot')?.args[0];
  if (root !== undefined && !inner.some(({ name, args }) => name === 'proxypass' && args[0] === '/'))
    found.add(`files:${root}`);
  for (const one of everyDirective(inner)) for (const target of targetsOf(one)) found.add(target);
  return [...found];
}

function* everyDirective(level: readonly ApacheEffective[]): Iterable<ApacheEffective> {
  for (const one of level) {
    yield one;
    if (one.inner !== null) yield* everyDirective(one.inner);
  }
}

function targetsOf({ name, args }: ApacheEffective): readonly string[] {
  const [, second = ''] = args;
  const proxied = (words: readonly string[]) => targetIn(words) ?? [];
  switch (name) {
    case 'proxypass':
    case 'proxypassmatch':
      return [proxied(args)].flat();
    case 'rewriterule':
      return /\bP\b/.test(args[2] ?? '') ? [proxied([second])].flat() : [];
    case 'alias':
    case 'scriptalias':
      return [`files:${second}`];
    case 'wsgiscriptalias':
      return [`wsgi:${second}`];
    case 'passengerapproot':
      return [`files:${args[0] ?? ''}`];
    default:
      return [];
  }
}

function redirectsAll(inner: readonly ApacheEffective[]): boolean {
  return inner.some(
    ({ name, args }) =>
      ((name === 'redirect' || name === 'redirectpermanent') && args.at(-2) === '/') ||
      (name === 'rewriterule' &&
        /^\^?(?:\(?\.\*\)?|\/\?\(\.\*\))?\$?$/.test(args[0] ?? 'x') &&
        args[1]?.startsWith('https://') === true &&
        /\bR\b|R=/.test(args[2] ?? '')),
  );
}

/** The application of a `ProxyPass`, which may have the path or not. */
export function targetIn(args: readonly string[]): string | null {
  const text = args.find((arg) =>
    /^(?:unix:|https?:\/\/|wss?:\/\/|fcgi:\/\/|ajp:\/\/|uwsgi:\/\/|h2c?:\/\/|balancer:\/\/)/.test(arg),
  );
  if (text === undefined) return null;
  if (text.startsWith('unix:')) return text.replace(/\|.*$/, '');
  const [, scheme = '', rest = ''] = /^([a-z0-9]+):\/\/(.*)$/.exec(text) ?? [];
  const host = rest
    .replace(/[/?].*$/, '')
    .toLowerCase()
    .replace(/^localhost(?=:|$)/, '127.0.0.1');
  if (host.includes('%') || host.includes('$')) return `variable:${host}`;
  if (scheme === 'balancer') return `balancer:${host}`;
  return /:\d+$/.test(host) ? `tcp:${host}` : `tcp:${host}:${scheme === 'https' || scheme === 'wss' ? 443 : 80}`;
}
