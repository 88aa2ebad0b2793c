import type { OriginPolicy } from '../pull/address-policy.ts';
import { networkText } from '../wire/networks.ts';
import { Failure } from './failure.ts';

const KINDS = ['any', 'public', 'list'] as const;
// A list is walked at each connect; whoever needs more than this needs a wider network.
const MOST_NETWORKS = 1_000;

/** What `--origin-policy` and `--origin-allow` say. Throws a Failure for what would not be what it seems. */
export function originPolicy(kindText: string, allow: string | undefined): OriginPolicy {
  const kind = KINDS.find((one) => one === kindText);
  if (kind === undefined)
    throw new Failure(`--origin-policy is ${JSON.stringify(kindText)}.`, `Use one of ${KINDS.join(', ')}.`);
  if (kind === 'list') return { kind, networks: networks(allow) };
  if (allow === undefined) return { kind };
  throw new Failure(`--origin-allow says nothing under --origin-policy ${kind}.`, 'Add --origin-policy list.');
}

function networks(allow: string | undefined): readonly string[] {
  const texts = (allow ?? '').split(',').filter((text) => text !== '');
  if (texts.length === 0)
    throw new Failure('--origin-policy list allows no network.', 'Add --origin-allow CIDR[,CIDR].');
  if (texts.length > MOST_NETWORKS)
    throw new Failure(`--origin-allow names ${texts.length} networks.`, `Name at most ${MOST_NETWORKS}.`);
  return texts.map((text) => {
    const network = networkText(text.trim());
    if (network !== null) return network;
    throw new Failure(
      `--origin-allow names ${JSON.stringify(text)}, which is no network.`,
      'Write an address, or a network without bits beyond its prefix, such as 10.1.0.0/16 or 2001:db8::/32.',
    );
  });
}
