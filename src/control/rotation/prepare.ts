import { randomBytes } from 'node:crypto';
import type { X509Facts } from '../../domain/certificate.ts';
import { type RotationId, rotationId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isRunning } from '../../domain/rotation.ts';
import { dueLeafs, managed } from '../../domain/rotation-due.ts';
import type { RotationDraft } from '../../domain/rotation-changes.ts';
import type { CaPair, Zone } from '../../domain/zone.ts';
import type { Authority } from '../../pki/issue.ts';
import type { BroughtAuthority } from '../../pki/brought-authority.ts';
import type { KeyType, PrivateKey } from '../../pki/keys.ts';
import { createZoneAuthority, createZoneIntermediate } from '../../pki/zone-authority.ts';
import { issueManaged, keyTypeLike, type MadeLike } from '../authority.ts';
import type { ControlState } from '../control-state.ts';
import { openSecret } from '../secrets.ts';
import type { StoredSecret } from '../vault.ts';

/** What somebody, or the clock, wants to be rotated. */
export interface RotationRequest extends Pick<RotationDraft, 'what' | 'cause' | 'rehearsal' | 'revokeFirst' | 'pace'> {
  /** What is wished of the new certificates and CAs; what is not said is as it was. */
  readonly made?: MadeLike;
  /** A CA that its owner brings, in place of one that is made. */
  readonly brought?: BroughtAuthority;
  readonly because: string;
  /** Who asks, as the history names it. */
  readonly by: string;
}

/** A rotation that may begin, with the keys of all that it brings. */
export interface PreparedRotation {
  readonly draft: RotationDraft;
  readonly secrets: readonly StoredSecret[];
}

/** Makes what a rotation brings: certificates, and the CAs above them where those are rotated. Nothing is stored yet. */
export async function prepareRotation(
  state: ControlState,
  zone: Zone,
  { because, by, made = {}, brought, ...wished }: RotationRequest,
): Promise<PreparedRotation | Problem> {
  if (isRunning(zone.rotation)) return problem('rotation_running', zone.rotation.id);
  const now = state.clock();
  // The clock exchanges what is due. A CA takes all that it has signed along.
  const leaving = wished.cause === 'due' && wished.what === 'leaf' ? dueLeafs(zone, now) : managed(zone);
  if (leaving.length === 0) return problem('rotation_nothing', `${zone.name} has no managed certificate`);
  const coming = wished.what === 'leaf' ? null : await comingPair(state, zone, { what: wished.what, made, brought });
  if (coming !== null && 'code' in coming) return coming;
  const intermediate = coming?.intermediate ?? (await currentIntermediate(state, zone));
  const successors: RotationDraft['successors'][number][] = [];
  const secrets = [...(coming?.secrets ?? [])];
  for (const like of leaving) {
    const { draft, key } = await issueManaged(state.installation.host, {
      zone: zone.id,
      intermediate,
      now,
      like,
      ...made,
      publicUrl: state.publicUrl,
    });
    successors.push({ from: like.id, draft });
    secrets.push({ purpose: 'client', id: draft.id, zone: zone.id, key });
  }
  const authority = coming?.pair ?? null;
  return { draft: { id: newRotationId(), ...wished, because, by, successors, authority }, secrets };
}

/** The intermediate that issues for a zone, with its key for as long as the caller holds it. */
export function currentIntermediate(state: ControlState, { authority }: Zone): Promise<Authority> {
  return signing(state, authority);
}

/** The intermediate of one of a zone's authorities, with its key for as long as the caller holds it. */
export async function signing({ store, vault }: ControlState, { id, intermediate }: CaPair): Promise<Authority> {
  const key = await openSecret(store, vault, 'zone_intermediate', id);
  return { certificate: intermediate, key, chain: [] };
}

interface ComingPair {
  readonly pair: CaPair;
  readonly intermediate: Authority;
  readonly secrets: readonly StoredSecret[];
}

interface Coming {
  readonly what: 'intermediate' | 'root';
  readonly made: MadeLike;
  readonly brought: BroughtAuthority | undefined;
}

/** The authority that is to come: brought, taken from stand-by, or made. */
async function comingPair(state: ControlState, zone: Zone, coming: Coming): Promise<ComingPair | Problem> {
  const { root: present, rootKey, standby } = zone.authority;
  const { what, made, brought } = coming;
  if (brought !== undefined) {
    const { root, intermediate, key } = brought;
    const isSame = root.fingerprint === present.fingerprint;
    const rootSecret = isSame && rootKey === 'here' ? await rootOf(state, zone) : null;
    return pairOf(zone, { root, rootSecret, intermediate: { certificate: intermediate, key, chain: [] } });
  }
  const { installation, store, vault } = state;
  const request = {
    installation: installation.host,
    zone: zone.id,
    zoneName: zone.name,
    now: state.clock(),
    ...keyTypes(zone, made.keyType),
  };
  if (what === 'root') {
    const { root, intermediate } = await createZoneAuthority(request);
    return pairOf(zone, { root: root.certificate, rootSecret: root.key, intermediate });
  }
  if (rootKey === 'here') {
    const root = { certificate: present, key: await rootOf(state, zone), chain: [] };
    const intermediate = await createZoneIntermediate(root, request);
    return pairOf(zone, { root: present, rootSecret: root.key, intermediate });
  }
  if (standby === null || standby.notAfter <= request.now) {
    return problem('root_key_away', `${present.subject} has to sign the new intermediate, and none is on stand-by`);
  }
  const key = await openSecret(store, vault, 'zone_standby', zone.id);
  return pairOf(zone, { root: present, rootSecret: null, intermediate: { certificate: standby, key, chain: [] } });
}

/** The key of a zone's root, for as long as the caller holds it. */
export function rootOf({ store, vault }: ControlState, { authority }: Pick<Zone, 'authority'>): Promise<PrivateKey> {
  return openSecret(store, vault, 'zone_root', authority.id);
}

function pairOf(
  zone: Zone,
  {
    root,
    rootSecret,
    intermediate,
  }: { readonly root: X509Facts; readonly rootSecret: PrivateKey | null; readonly intermediate: Authority },
): ComingPair {
  const id = randomBytes(16).toString('hex');
  const place = { id, zone: zone.id };
  // A pair has both of its keys under its own name, also where its root is that of the pair before.
  const signing = { ...place, purpose: 'zone_intermediate', key: intermediate.key } as const;
  const own = rootSecret === null ? [] : [{ ...place, purpose: 'zone_root', key: rootSecret } as const];
  const rootKey = rootSecret === null ? 'away' : 'here';
  return {
    pair: { id, root, intermediate: intermediate.certificate, rootKey },
    intermediate,
    secrets: [...own, signing],
  };
}

/** As wished, else as those of the present CAs. */
function keyTypes({ authority: { root, intermediate } }: Zone, wished: KeyType | undefined) {
  const [rootKeyType, keyType] = [wished ?? keyTypeLike(root.keyType), wished ?? keyTypeLike(intermediate.keyType)];
  return { ...(rootKeyType && { rootKeyType }), ...(keyType && { keyType }) };
}

function newRotationId(): RotationId {
  const id = rotationId(randomBytes(16).toString('hex'));
  if (id === null) throw new Error('A new id does not have the form of an id');
  return id;
}
