import { randomBytes } from 'node:crypto';
import { type RotationId, rotationId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isRunning } from '../../domain/rotation.ts';
import { dueLeafs, managed } from '../../domain/rotation-due.ts';
import type { RotationDraft } from '../../domain/rotation-changes.ts';
import type { CaPair, Zone } from '../../domain/zone.ts';
import type { Authority } from '../../pki/issue.ts';
import type { KeyType } from '../../pki/keys.ts';
import { createZoneAuthority, createZoneIntermediate } from '../../pki/zone-authority.ts';
import { issueManaged, keyTypeLike, type MadeLike } from '../authority.ts';
import type { ControlState } from '../control-state.ts';
import { openSecret } from '../secrets.ts';
import type { StoredSecret } from '../vault.ts';

/** What somebody, or the clock, wants to be rotated. */
export interface RotationRequest extends Pick<RotationDraft, 'what' | 'cause' | 'rehearsal' | 'revokeFirst' | 'pace'> {
  /** What is wished of the new certificates and CAs; what is not said is as it was. */
  readonly made?: MadeLike;
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
  { because, by, made = {}, ...wished }: RotationRequest,
): Promise<PreparedRotation | Problem> {
  if (isRunning(zone.rotation)) return problem('rotation_running', zone.rotation.id);
  const now = state.clock();
  // The clock exchanges what is due. A CA takes all that it has signed along.
  const leaving = wished.cause === 'due' && wished.what === 'leaf' ? dueLeafs(zone, now) : managed(zone);
  if (leaving.length === 0) return problem('rotation_nothing', `${zone.name} has no managed certificate`);
  const coming = wished.what === 'leaf' ? null : await newPair(state, zone, wished.what, made);
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

async function newPair(
  state: ControlState,
  zone: Zone,
  what: 'intermediate' | 'root',
  { keyType }: MadeLike,
): Promise<ComingPair> {
  const { store, vault, installation } = state;
  const request = {
    ...{ installation: installation.host, zone: zone.id, zoneName: zone.name, now: state.clock() },
    ...keyTypes(zone, keyType),
  };
  const { root, intermediate } =
    what === 'root'
      ? await createZoneAuthority(request)
      : await below(
          {
            certificate: zone.authority.root,
            key: await openSecret(store, vault, 'zone_root', zone.authority.id),
            chain: [],
          },
          request,
        );
  const id = randomBytes(16).toString('hex');
  const place = { id, zone: zone.id };
  return {
    pair: { id, root: root.certificate, intermediate: intermediate.certificate },
    intermediate,
    // A pair has both of its keys under its own name, also where its root is that of the pair before.
    secrets: [
      { ...place, purpose: 'zone_root', key: root.key },
      { ...place, purpose: 'zone_intermediate', key: intermediate.key },
    ],
  };
}

/** As wished, else as those of the present CAs. */
function keyTypes({ authority: { root, intermediate } }: Zone, wished: KeyType | undefined) {
  const [rootKeyType, keyType] = [wished ?? keyTypeLike(root.keyType), wished ?? keyTypeLike(intermediate.keyType)];
  return { ...(rootKeyType && { rootKeyType }), ...(keyType && { keyType }) };
}

async function below(root: Authority, request: Parameters<typeof createZoneIntermediate>[1]) {
  return { root, intermediate: await createZoneIntermediate(root, request) };
}

function newRotationId(): RotationId {
  const id = rotationId(randomBytes(16).toString('hex'));
  if (id === null) throw new Error('A new id does not have the form of an id');
  return id;
}
