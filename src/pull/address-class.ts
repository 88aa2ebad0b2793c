import { BlockList, isIP } from 'node:net';

/**
 * What kind of place an address is:
 *
 * - `never`: no origin lies there, or none may: link-local (cloud metadata among it), multicast, unspecified;
 * - `private`: loopback and networks that are somebody's own;
 * - `reserved`: set aside for documentation, tests or protocols (RFC 6890);
 * - `public`: the rest.
 */
export type AddressClass = 'never' | 'private' | 'reserved' | 'public';

const NEVER = blockList(
  // Link-local addresses hold the metadata services of clouds; a few have them elsewhere.
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  // Other ways to write IPv4 in IPv6, which nobody routes (RFC 8215, RFC 2765 §2.1).
  '64:ff9b:1::/48',
  '::ffff:0:0:0/96',
  '0.0.0.0/8',
  '224.0.0.0/3',
  '::/128',
  'ff00::/8',
);

const PRIVATE = blockList(
  '10.0.0.0/8',
  '100.64.0.0/10', // RFC 6598
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15', // RFC 2544
  '::1/128',
  'fc00::/7', // RFC 4193
  'fec0::/10', // RFC 3879 §4
);

const RESERVED = blockList(
  '192.0.0.0/24',
  '192.0.2.0/24', // RFC 5737
  '192.88.99.0/24', // RFC 7526
  '198.51.100.0/24',
  '203.0.113.0/24',
  '100::/64', // RFC 6666
  '2001::/23', // RFC 2928, Teredo among it
  '2001:db8::/32', // RFC 3849
  '3fff::/20', // RFC 9637
  '5f00::/16', // RFC 9602
);

/** The class of an address in the spelling of `plainAddress`; `never` for what is none. An address inside counts too. */
export function addressClass(address: string): AddressClass {
  const inside = embeddedAddress(address);
  return inside === null ? ownClass(address) : worse(ownClass(address), ownClass(inside));
}

const CLASSES: readonly AddressClass[] = ['never', 'private', 'reserved', 'public'];

function worse(a: AddressClass, b: AddressClass): AddressClass {
  return CLASSES.indexOf(a) < CLASSES.indexOf(b) ? a : b;
}

function ownClass(address: string): AddressClass {
  const family = familyOf(address);
  if (family === null || NEVER.check(address, family)) return 'never';
  if (PRIVATE.check(address, family)) return 'private';
  return RESERVED.check(address, family) ? 'reserved' : 'public';
}

/** An address in one spelling: IPv4 in IPv6 clothes (`::ffff:127.0.0.1`, `::ffff:7f00:1`) becomes IPv4 again. */
export function plainAddress(text: string): string {
  if (isIP(text) !== 6) return text;
  const unscoped = text.split('%')[0] ?? text;
  // URL writes an IPv6 address in its one canonical form (RFC 5952).
  const canonical = new URL(`http://[${unscoped}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  return mapped === null ? canonical : dotted(mapped[1], mapped[2]);
}

/** The family of an address, or `null` for what is none. */
export function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  return version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6';
}

/** A list of networks, each `address/prefix`. */
export function blockList(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address) ?? 'ipv4');
  }
  return list;
}

// NAT64 (RFC 6052 §2.1), 6to4 (RFC 3056 §2) and IPv4-compatible addresses (RFC 4291 §2.5.5.1) lead to an IPv4 address.
const EMBEDDED = [
  /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/,
  /^2002:([0-9a-f]{1,4}):([0-9a-f]{0,4})(?::|$)/,
  /^::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/,
];

function embeddedAddress(address: string): string | null {
  if (address === '::1') return null;
  for (const form of EMBEDDED) {
    const found = form.exec(address);
    if (found !== null) return dotted(found[1], found[2]);
  }
  return null;
}

function dotted(highDigits = '0', lowDigits = '0'): string {
  const high = Number.parseInt(highDigits || '0', 16);
  const low = Number.parseInt(lowDigits || '0', 16);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
