import { z } from 'zod';
import { type Problem, problem } from '../domain/problems.ts';
import type { View } from './answer-fields.ts';
import { shown } from './faults.ts';
import { networkText, parseNetwork } from './networks.ts';
import { NAME } from './schemas.ts';

/** From where the edges connect to origins: what an operator says, since an edge behind another router does not know. */

const MOST_NETWORKS = 1_000;

export const EDGE_ADDRESSES_WISH = z.strictObject({
  networks: z
    .array(NAME, { error: 'must be a list of addresses or networks' })
    .max(MOST_NETWORKS, { error: `must hold at most ${MOST_NETWORKS}` }),
});

export const EDGE_ADDRESSES = z
  .strictObject({
    networks: z.array(z.string()).meta({ examples: [['192.0.2.0/24', '2001:db8::/48']] }),
  })
  .meta({
    id: 'EdgeAddresses',
    description: 'The networks from which the edges connect to origins. Empty where nobody has said.',
  });

/** The networks of a body, each in its one spelling and once. */
export function edgeAddresses({ networks }: z.output<typeof EDGE_ADDRESSES_WISH>): readonly string[] | Problem {
  const found = new Set<string>();
  for (const [index, given] of networks.entries()) {
    const text = networkText(given);
    // A filter for all addresses would keep nobody out.
    if (text === null || parseNetwork(given)?.prefix === 0) {
      const rule =
        'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32, without bits beyond its prefix';
      return problem('bad_body', `networks holds ${shown(given)}, each ${rule}`, `/networks/${index}`);
    }
    found.add(text);
  }
  return [...found];
}

export function edgeAddressesView(networks: readonly string[]): View<typeof EDGE_ADDRESSES> {
  return { networks };
}
