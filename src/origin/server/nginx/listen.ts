import { isIPv4, isIPv6 } from 'node:net';
import type { Place } from '../place.ts';
import type { Listener } from '../virtual-host.ts';

/** The sockets of one `listen`; more than one where a name stands for several addresses is not resolved here. */
export function nginxListener(args: readonly string[], place: Place): Listener | null {
  const [address = '', ...words] = args;
  const where = whereabouts(address);
  if (where === null) return null;
  const has = (word: string) => words.includes(word);
  return {
    ...where,
    tls: has('ssl') || has('quic'),
    isDefault: has('default_server') || has('default'),
    quic: has('quic'),
    proxied: has('proxy_protocol'),
    place,
  };
}

function whereabouts(text: string): Pick<Listener, 'host' | 'port' | 'family'> | null {
  if (text.startsWith('unix:')) return { host: text.slice('unix:'.length), port: 0, family: 'unix' };
  const six = /^\[(?<host>[0-9A-Fa-f:.]+)\](?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  if (six !== undefined) return socket(six['host'] ?? '', six['port']);
  if (/^\d{1,5}$/.test(text)) return { host: '*', port: Number(text), family: 4 };
  const four = /^(?<host>[^:[\]]+)(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  return four === undefined ? null : socket(four['host'] ?? '', four['port']);
}

const HTTP_PORT = '80';

function socket(host: string, port = HTTP_PORT): Pick<Listener, 'host' | 'port' | 'family'> | null {
  const number = Number(port);
  if (isIPv6(host)) return { host: /^[0:]+$/.test(host) ? '::' : host.toLowerCase(), port: number, family: 6 };
  if (host === '*' || host === '0.0.0.0') return { host: '*', port: number, family: 4 };
  if (host === 'localhost') return { host: '127.0.0.1', port: number, family: 4 };
  // A name is resolved by nginx when it starts; what it stands for then is not known here.
  return isIPv4(host) ? { host, port: number, family: 4 } : null;
}
