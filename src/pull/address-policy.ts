import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where the edge may connect to. Asked about the address itself, after resolution, at every connect. */
export interface AddressPolicy {
  readonly allows: (address: string, port: number) => boolean;
}

// Link-local addresses hold the metadata services of clouds: never an origin.
const NEVER = new BlockList();
NEVER.addSubnet('169.254.0.0', 16, 'ipv4');
NEVER.addSubnet('fe80::', 10, 'ipv6');
NEVER.addSubnet('fd00:ec2::', 32, 'ipv6');
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
    allows: (address, port) => {
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (isIP(address) === 0 || NEVER.check(address, family)) return false;
      return !own.some((listener) => listener.port === port && sameHost(listener.host, address, family));
    },
  };
}

function sameHost(listener: string, address: string, family: 'ipv4' | 'ipv6'): boolean {
  const wildcard = listener === '0.0.0.0' || listener === '::' || listener === 'localhost';
  return listener === address || (wildcard && LOOPBACK.check(address, family));
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
