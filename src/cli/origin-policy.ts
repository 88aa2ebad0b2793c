import type { OriginPolicy } from '../pull/address-policy.ts';
import { Failure } from './failure.ts';
import { networkList } from './network-list.ts';

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
  const found = networkList(allow, '--origin-allow');
  if (found.length === 0)
    throw new Failure('--origin-policy list allows no network.', 'Add --origin-allow CIDR[,CIDR].');
  if (found.length > MOST_NETWORKS)
    throw new Failure(`--origin-allow names ${found.length} networks.`, `Name at most ${MOST_NETWORKS}.`);
  return found;
}
