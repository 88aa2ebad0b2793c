import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import type { CaPair, Zone } from '../domain/zone.ts';
import { isSignedBy } from '../pki/chain.ts';
import type { Authority } from '../pki/issue.ts';
import { issueBundleSigner, issueCrossRoot } from '../pki/zone-authority.ts';
import type { ControlState } from './control-state.ts';
import { openSecret } from './secrets.ts';

/**
 * Who signs for a zone now. Where the root's key is away, whom it has certified ahead. During a rotation the new root comes
 * along under the old one, so that who has only that believes it too.
 */
export async function zoneSigner(state: ControlState, zone: Zone, now: Instant): Promise<Authority> {
  const { store, vault, installation } = state;
  const { id, authority } = zone;
  const ahead = aheadFor(zone, now);
  if (ahead !== null) {
    return { certificate: ahead, key: await openSecret(store, vault, 'zone_signer', id), chain: [] };
  }
  const opened = async (pair: CaPair): Promise<Authority> => {
    const key = await openSecret(store, vault, 'zone_root', pair.id);
    return { certificate: pair.root, key, chain: [] };
  };
  const signer = await issueBundleSigner(await opened(authority), { installation: installation.host, zone: id, now });
  const { retiring } = authority;
  const isNew = retiring !== null && retiring.root.fingerprint !== authority.root.fingerprint;
  // An old root whose key is away vouches for nobody: what is new then has to be compared by hand.
  if (!isNew || retiring.rootKey === 'away') return signer;
  return { ...signer, chain: [issueCrossRoot(await opened(retiring), authority.root, now)] };
}

/** Whom the root of a zone has certified to sign while its key is away. */
export function aheadFor({ authority: { root, rootKey, signer } }: Zone, now: Instant): X509Facts | null {
  const serves = rootKey === 'away' && signer !== null && now < signer.notAfter && isSignedBy(signer, root);
  return serves ? signer : null;
}
