import { isIPv4, isIPv6 } from 'node:net';
import { hostname } from '../domain/ids.ts';
import { type ConfigPath, configPath } from './config-path.ts';

/** What stands behind the lock. `host` is a hostname or an IP address, IPv6 in brackets. */
export type Content =
  | { readonly kind: 'proxy'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: ConfigPath }
  | { readonly kind: 'static'; readonly root: ConfigPath };

const HTTP = /^http:\/\/(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>[1-9]\d{0,4}))?\/?$/;
const SOCKET = /^(?:http:\/\/)?unix:(?<path>\/[^:]*?):?$/;
const MAX_PORT = 65_535;

/** The application's address. A path is refused: with one, nginx and Apache rewrite the request's own. */
export function upstream(text: string): Content | null {
  const socket = SOCKET.exec(text)?.groups?.['path'];
  if (socket !== undefined) {
    const path = configPath(socket);
    return path === null || path === '/' ? null : { kind: 'socket', path };
  }
  const groups = HTTP.exec(text)?.groups;
  if (groups === undefined) return null;
  const port = Number(groups['port'] ?? 80);
  const host = upstreamHost(groups['six'], groups['name']);
  return host === null || port > MAX_PORT ? null : { kind: 'proxy', host, port };
}

/** Whether nobody but this machine can reach the application past the lock. */
export function isOnlyLocal(content: Content): boolean {
  return content.kind !== 'proxy' || /^(?:127\.|localhost$|\[::1\]$)/.test(content.host);
}

function upstreamHost(six: string | undefined, name: string | undefined): string | null {
  if (six !== undefined) return isIPv6(six) ? `[${six.toLowerCase()}]` : null;
  if (name === undefined) return null;
  return isIPv4(name) ? name : hostname(name);
}
