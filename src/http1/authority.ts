import { isIPv6 } from 'node:net';

/** A host with an optional port, as in Host or in an absolute request target. */
export interface Authority {
  /** Lower-case; an IPv6 address keeps its brackets. A trailing dot is kept. */
  readonly host: string;
  /** null where none was given. */
  readonly port: number | null;
}

const MAX_HOST_BYTES = 255;

/**
 * Letters, digits, hyphens and underscores between single dots, with at most one dot at the end. RFC 3986 §3.2.2 allows
 * more (percent-encoding, sub-delims, an empty host), none of which names a host that anybody serves, and all of which
 * two readers may understand differently. IPv4 addresses have this shape too.
 */
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/;
/** No zone id: it names an interface of the sender (RFC 9844), never a host. */
const BRACKETED = /^\[([0-9a-f:.]+)\]$/;
/** No leading zero, so that one port has one spelling. */
const PORT = /^[1-9][0-9]{0,4}$/;

/** Reads `host[:port]`; null where it is not exactly that. */
export function parseAuthority(value: string): Authority | null {
  const lower = value.toLowerCase();
  const colon = lower.indexOf(':', lower.lastIndexOf(']') + 1);
  const host = colon === -1 ? lower : lower.slice(0, colon);
  if (host.length > MAX_HOST_BYTES || !isHost(host)) return null;
  if (colon === -1) return { host, port: null };
  const digits = lower.slice(colon + 1);
  const port = PORT.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

function isHost(host: string): boolean {
  if (NAME.test(host)) return true;
  const address = BRACKETED.exec(host)?.[1];
  return address !== undefined && isIPv6(address);
}

/** The authority in one spelling: lower-case host, port only where one was given. */
export function formatAuthority({ host, port }: Authority): string {
  return port === null ? host : `${host}:${port}`;
}

/** Whether both name the same host and port where the scheme's default port may be left out (RFC 9110 §4.2.3). */
export function sameAuthority(a: Authority, b: Authority, defaultPort: number | null): boolean {
  return a.host === b.host && (a.port ?? defaultPort) === (b.port ?? defaultPort);
}
