import type { IncomingMessage } from 'node:http';
import { parseAuthority } from '../../http1/authority.ts';
import { blockList, familyOf } from '../../pull/address-class.ts';

const LOOPBACK = blockList('127.0.0.0/8', '::1/128');

/** Whether an address is one of this machine's own. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, familyOf(address) ?? 'ipv4');
}

type Head = Pick<IncomingMessage, 'rawHeaders' | 'url'>;

/** All Host fields of a request as they came; a right one has one. */
export function hostFields({ rawHeaders }: Head): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host');
}

/** The host that a request is for: its target's where that is absolute (RFC 9112 §3.2.2), else the Host field's. */
export function hostOf(head: Head): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(head.url ?? '')?.[1] ?? hostFields(head)[0];
}

/**
 * Whether a Host field may name this listener. A page in a browser on this machine can have its own name resolve to
 * 127.0.0.1 and so reach us as "same origin": what comes in over loopback must therefore also be addressed as that,
 * or by a name that the operator gave. `local` is the address at our end of the connection.
 */
export function hostAllowed(field: string | undefined, local: string | undefined, names: readonly string[]): boolean {
  const host = field === undefined ? undefined : parseAuthority(field)?.host.replace(/\.$/, '');
  if (host === undefined) return false;
  if (local !== undefined && !isLoopback(local)) return true;
  if (host === 'localhost' || names.includes(host)) return true;
  return isLoopback(host.replace(/^\[(.*)\]$/, '$1'));
}
