import { isIP } from 'node:net';
import { hostname } from '../domain/ids.ts';
import { Failure } from './failure.ts';

/** An address to listen on or to connect to. Port 0 asks the system for a free one. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Parses `HOST:PORT`, `[IPv6]:PORT` or `:PORT` (all addresses). `where` names the flag or file in an error. */
export function parseHostPort(text: string, where: string): HostPort {
  const found = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text.trim());
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2] ?? '';
  const known = host === '' || host === 'localhost' || isIP(host) !== 0 || hostname(host) !== null;
  if (found === null || port > 65_535 || !known) {
    throw new Failure(`${where} is ${JSON.stringify(text)}, which is not HOST:PORT.`, howToWrite(text.trim()));
  }
  return { host: host === '' ? '::' : host, port };
}

function howToWrite(text: string): string {
  if (isIP(text) !== 0 || hostname(text) !== null)
    return `Say the port too, as in ${formatHostPort({ host: text, port: 443 })}.`;
  return 'Write it like 127.0.0.1:8443, [::1]:8443 or :8443 (0 takes a free port).';
}

/** As it is written in a URL. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach the address. */
export function isLoopback({ host }: HostPort): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
