import type { BlockList } from 'node:net';
import { blockList, familyOf, plainAddress } from '../pull/address-class.ts';
import { parseNetwork } from '../wire/networks.ts';
import { type PolicyProblem, policyProblem } from './policy-problems.ts';

/** What tells where a connection comes from: a socket of Node. */
interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly destroyed: boolean;
}

/** Whose word counts: connections from these addresses, or over a Unix socket. */
export interface ProxyList {
  readonly kind: 'list';
  readonly has: (connection: Connection) => boolean;
}

const MOST_NETWORKS = 1_000;

/** Reads addresses and networks; `unix` stands for whoever may write to the Unix socket. */
export function proxyList(texts: readonly string[]): ProxyList | PolicyProblem {
  if (texts.length === 0) return policyProblem('empty_list', 'peers');
  if (texts.length > MOST_NETWORKS) return policyProblem('too_many', 'peers', String(texts.length));
  const networks: string[] = [];
  for (const text of texts.filter((one) => one !== 'unix')) {
    const network = parseNetwork(text);
    // A network of all addresses would believe everybody.
    if (network === null || network.prefix === 0) return policyProblem('bad_peer', 'peers', text);
    networks.push(`${plainAddress(text.split('/')[0] ?? '')}/${network.prefix}`);
  }
  // Apart: to Node a wide network of IPv6 holds all of IPv4, as mapped addresses (RFC 4291 §2.5.5.2).
  const of = (isSix: boolean) => blockList(...networks.filter((network) => network.includes(':') === isSix));
  const [listed, overFile] = [{ ipv4: of(false), ipv6: of(true) }, texts.includes('unix')];
  return { kind: 'list', has: (connection) => isListed(connection, listed, overFile) };
}

function isListed(
  { remoteAddress, localAddress, destroyed }: Connection,
  listed: Readonly<Record<'ipv4' | 'ipv6', BlockList>>,
  overFile: boolean,
): boolean {
  if (remoteAddress !== undefined) {
    const address = plainAddress(remoteAddress);
    const family = familyOf(address) ?? 'ipv4';
    return listed[family].check(address, family);
  }
  // A TCP peer that has just left has no address either, but its connection still has one at this end.
  return overFile && localAddress === undefined && !destroyed;
}
