import { isIPv4, isIPv6 } from 'node:net';

/** A socket to listen on: an IP address without brackets and a port from 1 to 65535. */
export interface ListenAddress {
  readonly family: 4 | 6;
  readonly host: string;
  readonly port: number;
}

const HOST_PORT =
  /^(?:\[(?<six>[0-9a-fA-F:.]{2,45})\]|(?<four>[0-9.]{7,15})|(?<word>\*|localhost)?)(?::(?<port>[1-9]\d{0,4}))$/;
const MAX_PORT = 65_535;

/**
 * The sockets that `HOST:PORT` stands for: two for `*:443` and `:443` (all IPv4 and all IPv6 addresses), one otherwise.
 * A number alone is a port on all addresses. `null` for names other than `localhost`: a server resolves them when it
 * starts, and may then listen somewhere else than meant.
 */
export function listenAddresses(text: string): readonly ListenAddress[] | null {
  const groups = HOST_PORT.exec(/^\d+$/.test(text) ? `:${text}` : text)?.groups;
  if (groups === undefined) return null;
  const port = Number(groups['port']);
  if (port > MAX_PORT) return null;
  const { six, four, word } = groups;
  if (six !== undefined) return isIPv6(six) ? [{ family: 6, host: six.toLowerCase(), port }] : null;
  if (four !== undefined) return isIPv4(four) ? [{ family: 4, host: four, port }] : null;
  if (word === 'localhost') return [{ family: 4, host: '127.0.0.1', port }];
  return [
    { family: 4, host: '0.0.0.0', port },
    { family: 6, host: '::', port },
  ];
}

/** As nginx, Apache and URLs write it. */
export function socketText({ family, host, port }: ListenAddress): string {
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the address stands for every address of its family. */
export function isWildcard({ host }: ListenAddress): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}
