import type { Place } from './place.ts';

/** A socket on which a virtual host answers. `host` is `*`, an IP address without brackets, or a path after `unix:`. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6 | 'both' | 'unix';
  readonly tls: boolean;
  /** Said to answer for names that nobody else claims. */
  readonly isDefault: boolean;
  readonly quic: boolean;
  /** Expects the PROXY protocol: nobody can knock there without it. */
  readonly proxied: boolean;
  readonly place: Place;
}

/** What a virtual host asks of callers over TLS. */
export type Asks = 'nothing' | 'optional' | 'required';

/** One site of a web server, in the terms that all of them share. */
export interface VirtualHost {
  readonly place: Place;
  /** As written, in lower case: exact names, wildcards, and patterns that begin with `~`. */
  readonly names: readonly string[];
  readonly listeners: readonly Listener[];
  /** What stands behind it: `tcp:HOST:PORT`, `unix:PATH`, `files:DIR`, `text:TEXT`; empty where it only redirects or refuses. */
  readonly reaches: readonly string[];
  readonly asks: Asks;
  /** The file of the CAs that it trusts for callers. */
  readonly trusts: string | null;
  /** Holds something that was not understood, so nothing is sure of it. */
  readonly unclear: Place | null;
}

/** `*:443`, `127.0.0.1:443`, `[::1]:443` or `unix:/path`. */
export function listenerText({ host, port, family }: Pick<Listener, 'host' | 'port' | 'family'>): string {
  if (family === 'unix') return `unix:${host}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether two listeners are one socket. */
export function sameSocket(a: Listener, b: Listener): boolean {
  return a.port === b.port && a.host === b.host && a.family === b.family;
}

/** Each socket once; QUIC is of another kind. */
export function uniqueSockets(listeners: readonly Listener[]): readonly Listener[] {
  const real = listeners.filter(({ quic }) => !quic);
  return [...new Map(real.map((one) => [`${one.family} ${listenerText(one)}`, one])).values()];
}
