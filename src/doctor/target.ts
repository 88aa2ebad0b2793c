/** What is looked at: one name at one socket. */
export interface Target {
  /** The name that should be locked, in lower case. */
  readonly host: string;
  /** An IP address without brackets. */
  readonly address: string;
  readonly port: number;
  /** What is said in the handshake where that is not the host: an origin may be asked for under a name of its own. */
  readonly serverName?: string | null;
  /** `https` is the door that the edge uses; `http` speaks plain HTTP; `other` is tried both ways. */
  readonly door: 'https' | 'http' | 'other';
}

/** `127.0.0.1:8443` or `[::1]:8443`. */
export function connectText({ address, port }: Pick<Target, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `a.test at 127.0.0.1:8443`, as findings name it. */
export function targetText(target: Target): string {
  return `${target.host} at ${connectText(target)}`;
}
