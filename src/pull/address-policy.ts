import { networkInterfaces } from 'node:os';
import { addressClass, blockList, familyOf, plainAddress } from './address-class.ts';

/** Where the operator lets the edge look for origins. Plain data: it travels to wherever connections are made. */
export type OriginPolicy =
  | { readonly kind: 'any' }
  /** Only addresses that the whole internet can reach. */
  | { readonly kind: 'public' }
  /** Only these networks, each `address/prefix`. */
  | { readonly kind: 'list'; readonly networks: readonly string[] };

/** Why the edge does not connect to an address. */
export type Objection = 'never' | 'own_listener' | 'origin_policy' | 'private';

/** Where the edge may connect to. Asked about the address itself, after resolution, at every connect. */
export interface AddressPolicy {
  /** What stands against a connection; `mayBePrivate` tells whether whoever named the origin may name private ones. */
  readonly objection: (address: string, port: number, mayBePrivate: boolean) => Objection | null;
}

/** A listener of Postern itself, which must never be an origin: a pull to it would go in circles. */
export interface OwnListener {
  readonly host: string;
  readonly port: number;
}

/**
 * What always holds, and the operator's policy on top: no link-local, multicast or unspecified address, none of our own
 * listeners, and nothing private for those without the right.
 */
export function addressPolicy(own: readonly OwnListener[], policy: OriginPolicy = { kind: 'any' }): AddressPolicy {
  const inPolicy = policyTest(policy);
  return {
    objection: (text, port, mayBePrivate) => {
      const address = plainAddress(text);
      const kind = addressClass(address);
      if (kind === 'never') return 'never';
      if (own.some((listener) => listener.port === port && reaches(listener.host, address))) return 'own_listener';
      if (!inPolicy(address)) return 'origin_policy';
      return kind === 'private' && !mayBePrivate ? 'private' : null;
    },
  };
}

function policyTest(policy: OriginPolicy): (address: string) => boolean {
  switch (policy.kind) {
    case 'any':
      return () => true;
    case 'public':
      return (address) => addressClass(address) === 'public';
    case 'list': {
      const listed = blockList(...policy.networks);
      return (address) => listed.check(address, familyOf(address) ?? 'ipv4');
    }
  }
}

const LOOPBACK = blockList('127.0.0.0/8', '::1/128');

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

const REASONS: Readonly<Record<Objection, string>> = {
  never: 'is never an origin (link-local, multicast, unspecified)',
  own_listener: 'is a listener of Postern',
  origin_policy: 'is not within --origin-policy',
  private: 'is private, and the record was not written with origins:private',
};

/** The error of a connect that the policy forbids. */
export function forbidden(address: string, objection: Objection): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${address} ${REASONS[objection]}`);
  error.code = 'ERR_POSTERN_FORBIDDEN_ADDRESS';
  return error;
}
