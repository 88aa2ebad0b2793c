import type { EdgeAccessRule } from '../domain/edge-zone.ts';
import { type Network, parseNetwork } from '../wire/networks.ts';

/** What the rules say about an address; `null` where they say nothing. */
export type Access = (address: string) => EdgeAccessRule | null;

/** Rules by network: of several that hold an address the smallest decides. One look for each length of prefix in use. */
export function accessBy(rules: readonly EdgeAccessRule[]): Access {
  const lengths = new Map<
    string,
    { readonly family: 4 | 6; readonly rest: bigint; readonly by: Map<bigint, EdgeAccessRule> }
  >();
  for (const rule of rules) {
    const network = parseNetwork(rule.network);
    // What the control plane let through and cannot be read here matches nobody; it was checked on its way in.
    if (network === null) continue;
    const { family, prefix } = network;
    const rest = BigInt((family === 4 ? 32 : 128) - prefix);
    const key = `${family}/${prefix}`;
    const length = lengths.get(key) ?? { family, rest, by: new Map() };
    length.by.set(network.first >> rest, rule);
    lengths.set(key, length);
  }
  const narrowFirst = [...lengths.values()].toSorted((a, b) => (a.rest < b.rest ? -1 : 1));
  return (address) => {
    const visitor: Network | null = parseNetwork(address);
    if (visitor === null) return null;
    for (const { family, rest, by } of narrowFirst) {
      const found = family === visitor.family ? by.get(visitor.first >> rest) : undefined;
      if (found !== undefined) return found;
    }
    return null;
  };
}
