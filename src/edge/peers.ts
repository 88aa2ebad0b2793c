import { blockList, familyOf } from '../pull/address-class.ts';

/** Who may speak for visitors: networks in CIDR notation. */
export interface PeerOptions {
  /** Their connections begin with a PROXY header, always. */
  readonly proxyProtocol: readonly string[];
  /** What they say in X-Forwarded-For is believed. */
  readonly trusted: readonly string[];
}

export const NO_PEERS: PeerOptions = { proxyProtocol: [], trusted: [] };

/** The same, to ask about addresses. */
export interface Peers {
  readonly announces: (address: string) => boolean;
  readonly trusts: (address: string) => boolean;
}

/** Makes the networks ready to be asked. They have been checked where they were given. */
export function peersOf({ proxyProtocol, trusted }: PeerOptions): Peers {
  return { announces: within(proxyProtocol), trusts: within(trusted) };
}

function within(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = blockList(...networks);
  return (address) => list.check(address, familyOf(address) ?? 'ipv4');
}
