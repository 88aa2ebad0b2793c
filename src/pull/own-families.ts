import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { blockList } from './address-class.ts';

type Interfaces = NodeJS.Dict<readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>;

/** Addresses that lead nowhere beyond their own network: link-local (RFC 3927, RFC 4291 §2.5.6) and, of IPv6, unique local. */
const LOCAL = blockList('169.254.0.0/16', 'fe80::/10', 'fc00::/7');

/**
 * Whether a machine with these interfaces can reach anything beyond itself in the family of an address: it has an address of
 * its own there. An error of a single connection does not say that, because routes come and go.
 */
export function reachesFamily(ip: string, interfaces: Interfaces): boolean {
  const family = isIPv6(ip) ? 'IPv6' : 'IPv4';
  const own = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return own.some((one) => {
    if (one.family !== family || one.internal) return false;
    return !LOCAL.check(one.address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  });
}
