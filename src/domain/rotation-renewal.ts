import type { ClientCertificate } from './certificate.ts';
import { arrived, type CertificateDraft } from './certificate-changes.ts';
import type { Circumstances } from './circumstances.ts';
import type { CertificateId, Instant, Revision, RotationId } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import { isRunning, type Rotation } from './rotation.ts';
import { handedOver, noted } from './rotation-changes.ts';
import { managed } from './rotation-due.ts';
import { caPairs } from './trust.ts';
import type { CaPair, Zone } from './zone.ts';

/** A rotation may wait for months, and its certificates live for a day or a month: with so much of their life left another one follows. */
const LEFT = 1 / 6;

/** A certificate that ends before the rotation does, with the CA that made it. */
export interface Ending {
  readonly certificate: ClientCertificate;
  readonly by: CaPair;
}

/** Others in their place, by the same CAs. */
export interface RenewalWithin {
  readonly rotation: RotationId;
  /** Of the rotation as it was when they were made. */
  readonly over: Revision;
  readonly renewed: readonly { readonly from: CertificateId; readonly draft: CertificateDraft }[];
}

/** The managed certificates of a zone whose end comes near while a rotation is under way, and that something depends on. */
export function endingWithin(zone: Zone, now: Instant): readonly Ending[] {
  const { rotation } = zone;
  if (!isRunning(rotation) || rotation.phase.kind === 'undoing') return [];
  return managed(zone).flatMap((certificate) => {
    const { leaf, chain } = certificate;
    const by = caPairs(zone).find(({ intermediate }) => intermediate.fingerprint === chain[0]?.fingerprint);
    // Where the CA has left nobody can sign; and what would end no later gains nothing.
    if (by === undefined || leaf.notAfter >= by.intermediate.notAfter) return [];
    const isNear = now > leaf.notAfter - (leaf.notAfter - leaf.notBefore) * LEFT;
    return isNear && isNeeded(rotation, certificate.id) ? [{ certificate, by }] : [];
  });
}

// When the old leaf ends its origins are switched to the new one, which its CA made as well: there is nothing to renew.
function isNeeded({ what, paused, successions }: Rotation, id: CertificateId): boolean {
  return what !== 'leaf' || paused !== null || !successions.some(({ from }) => from === id);
}

/** Puts certificates in the places of those that end, in the zone and in its rotation. Nothing else changes. */
export function renewWithin(
  zone: Zone,
  { rotation: id, over, renewed }: RenewalWithin,
  world: Circumstances,
): Zone | Problem {
  const { rotation } = zone;
  if (!isRunning(rotation) || rotation.id !== id || rotation.revision !== over) return problem('rotation_moved_on', id);
  const { now, revision } = world;
  const certificates = new Map(zone.certificates);
  for (const { from, draft } of renewed) {
    const old = certificates.get(from);
    if (old?.wish.kind !== 'deploy') return problem('certificate_not_found', from);
    // It keeps its rank: among those of the zone level the one of the newest wish is presented.
    certificates.set(draft.id, { ...arrived(draft, world), wish: { ...old.wish, at: now } });
    certificates.set(from, { ...old, wish: { kind: 'delete', at: now, revision } });
  }
  const places = renewed.map(({ from, draft: { id: to } }) => ({ from, to }));
  const present = (one: CertificateId) => places.find(({ from }) => from === one)?.to ?? one;
  const successions = rotation.successions.map(({ from, to }) => ({ from: present(from), to: present(to) }));
  const because = `${renewed.length} certificates would have ended before it`;
  const line = { at: now, did: 'renew', by: 'postern', because, origins: [] };
  return {
    ...zone,
    certificates,
    associations: handedOver(zone.associations, places, world),
    rotation: noted({ ...rotation, successions, revision }, line),
  };
}
