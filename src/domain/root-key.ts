import type { X509Facts } from './certificate.ts';
import { type Problem, problem } from './problems.ts';
import type { CaPair, Zone, ZoneAuthority } from './zone.ts';

/** What a root has signed for the time until its next ceremony. */
export interface SignedAhead {
  /** An intermediate, for the next rotation of that. */
  readonly standby: X509Facts | null;
  /** Who signs what is said of the zone's bundle. */
  readonly signer: X509Facts | null;
}

/**
 * Lets go of the key of the zone's root, for it to lie elsewhere until the next ceremony. What was signed ahead before
 * goes.
 */
export function forgetRootKey(zone: Zone, { standby, signer }: SignedAhead): Zone | Problem {
  if (zone.authority.rootKey === 'away') return problem('root_key_away', zone.authority.root.subject);
  return { ...zone, authority: { ...withRootKey(zone.authority, 'away'), standby, signer } };
}

/** The key of the zone's root is here again. Bundles need no signer but that, and none may lie about. */
export function restoreRootKey(zone: Zone): Zone | Problem {
  if (zone.authority.rootKey === 'here') return problem('root_key_here', zone.authority.root.subject);
  return { ...zone, authority: { ...withRootKey(zone.authority, 'here'), signer: null } };
}

// During a rotation of the intermediate two pairs have the same root.
function withRootKey(authority: ZoneAuthority, rootKey: CaPair['rootKey']): ZoneAuthority {
  const { fingerprint } = authority.root;
  const changed = <Pair extends CaPair | null>(pair: Pair): Pair =>
    pair?.root.fingerprint === fingerprint ? { ...pair, rootKey } : pair;
  return { ...changed(authority), next: changed(authority.next), retiring: changed(authority.retiring) };
}

/** A pair alone, without what stands beside it. */
export function pairOf({ id, root, intermediate, rootKey }: CaPair): CaPair {
  return { id, root, intermediate, rootKey };
}
