import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where the edge may connect to. Asked about the address itself, after resolution, at every connect. */
export interface AddressPolicy {
  readonly allows: (address: string, port: number) => boolean;
}

// Link-local addresses hold the metadata services of clouds: never an origin.
const NEVER = new BlockList();
NEVER.addSubnet('169.254.0.0', 16, 'ipv4');
NEVER.addSubnet('fe80::', 10, 'ipv6');
NEVER.addSubnet('fd00:ec2::', 32, 'ipv6');
NEVER.addAddress('fd20:ce::254', 'ipv6');
NEVER.addAddress('100.100.100.200', 'ipv4');
NEVER.addAddress('168.63.129.16', 'ipv4');
// Other ways to write IPv4 in IPv6, which nobody routes (RFC 4291 §2.5.5.1, RFC 8215, RFC 2765 §2.1).
NEVER.addSubnet('64:ff9b:1::', 48, 'ipv6');
NEVER.addSubnet('::ffff:0:0:0', 96, 'ipv6');
NEVER.addSubnet('0.0.0.0', 8, 'ipv4');
NEVER.addSubnet('224.0.0.0', 3, 'ipv4');
NEVER.addAddress('::', 'ipv6');
NEVER.addSubnet('ff00::', 8, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** A listener of Postern itself, which must never be an origin: a pull to it would go in circles. */
export interface OwnListener {
  readonly host: string;
  readonly port: number;
}

/** The policy that always holds: no link-local, multicast or unspecified address, and none of our own listeners. */
export function addressPolicy(own: readonly OwnListener[]): AddressPolicy {
  return {
    allows: (text, port) => {
      const address = plainAddress(text);
      const family = familyOf(address);
      if (family === null || NEVER.check(address, family)) return false;
      const inside = embeddedAddress(address);
      if (inside !== null && NEVER.check(inside, 'ipv4')) return false;
      return !own.some((listener) => listener.port === port && reaches(listener.host, address));
    },
  };
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

// NAT64 (RFC 6052 §2.1), 6to4 (RFC 3056 §2) and IPv4-compatible addresses (RFC 4291 §2.5.5.1) lead to an IPv4 address.
function embeddedAddress(address: string): string | null {
  const found =
    /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ??
    /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4})(?::|$)/.exec(address) ??
    /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  return found === null ? null : dotted(found[1], found[2]);
}

function dotted(highDigits = '0', lowDigits = '0'): string {
  const high = Number.parseInt(highDigits, 16);
  const low = Number.parseInt(lowDigits, 16);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  return version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6';
}

/** Whether a connection to `address` arrives at a listener on `host`. */
function reaches(host: string, address: string): boolean {
  const listener = plainAddress(host);
  const all = listener === '' || listener === '0.0.0.0' || listener === '::';
  const loopback = LOOPBACK.check(address, familyOf(address) ?? 'ipv4');
  if (all) return loopback || ownAddresses().has(address);
  return listener === 'localhost' ? loopback : listener === address;
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => plainAddress(address)));
}

/** A lookup for `net.connect` that yields only allowed addresses and fails when none is left. */
export function policyLookup(policy: AddressPolicy, port: number): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '', 0);
      const allowed = found.filter(({ address }) => policy.allows(address, port));
      const first = allowed[0];
      if (first === undefined) return done(forbidden(name), '', 0);
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };
}

/** The error of a connect that the policy forbids. */
export function forbidden(address: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${address} is not an address that the edge may connect to`);
  error.code = 'ERR_POSTERN_FORBIDDEN_ADDRESS';
  return error;
}
